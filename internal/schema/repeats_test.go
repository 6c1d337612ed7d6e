package schema

import (
	"fmt"
	"strings"
	"testing"
)

// TestRepeats: what says the same as the account id is not written again.
func TestRepeats(t *testing.T) {
	t.Parallel()
	for author, want := range map[string]string{
		`{"accountId":"a","username":"a","userKey":"a","externalCollaborator":true,"isExternalCollaborator":true}`:  `[{isExternalCollaborator true}]`,
		`{"accountId":"a","username":"b","userKey":"c","externalCollaborator":true,"isExternalCollaborator":false}`: `[{userKey c} {externalCollaborator true} {isExternalCollaborator false}]`,
	} {
		event := line(t, "asim", false, own, []byte(`{"author":`+author+`}`))
		if got := fmt.Sprint(lookup(event, "AdditionalFields", "author")); got != want {
			t.Errorf("%s: author left is %s, want %s", author, got, want)
		}
	}
}

// TestAddressFields: the client's address is the source, and no address that was sent gets lost.
func TestAddressFields(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"summary":"Space created","remoteAddress":"2001:db8::1, 192.0.2.9"}`)
	for schema, want := range map[string]string{
		"ecs":  "source.address 2001:db8::1, 192.0.2.9|source.ip 2001:db8::1|related.ip [2001:db8::1 192.0.2.9]",
		"ocsf": "src_endpoint.ip 2001:db8::1|src_endpoint.intermediate_ips [192.0.2.9]|unmapped.remoteAddress 2001:db8::1, 192.0.2.9",
		"asim": "SrcIpAddr 2001:db8::1|AdditionalFields.remoteAddress 2001:db8::1, 192.0.2.9",
		"cim":  "src 2001:db8::1|src_ip 2001:db8::1|confluence.remoteAddress 2001:db8::1, 192.0.2.9",
	} {
		event := line(t, schema, false, own, raw)
		for w := range strings.SplitSeq(want, "|") {
			path, value, _ := strings.Cut(w, " ")
			if got := fmt.Sprint(lookup(event, strings.Split(path, ".")...)); got != value {
				t.Errorf("%s: %s is %s, want %s", schema, path, got, value)
			}
		}
	}
}
