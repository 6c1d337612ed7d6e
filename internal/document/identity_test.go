package document

import (
	"encoding/hex"
	"fmt"
	"testing"
	"time"
)

func byID(raw string) string {
	h := Hasher{ByID: true}
	fp := h.Fingerprint(parsed([]byte(raw)))
	return hex.EncodeToString(fp[:])
}

// TestByIDPinned guards the recipe, which is part of every event id of Jira Cloud:
//
//	printf 'id\0%s\0%s' 11896 1639137217982 | sha256sum | cut -c-32
func TestByIDPinned(t *testing.T) {
	t.Parallel()
	const want = "0d7b3f94658a32f54d67a9c85370d36a"
	if got := byID(`{"id":11896,"created":"2021-12-10T11:53:37.982+0000","summary":"User created"}`); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestByID: two readings of one record have one fingerprint, and two records have two.
func TestByID(t *testing.T) {
	t.Parallel()
	const record = `{"id":11896,"created":"2021-12-10T11:53:37.982+0000","summary":"User created"}`
	for raw, same := range map[string]bool{
		`{"summary":"Benutzer angelegt","authorKey":"x","created":"2021-12-10T11:53:37.982+0000","id":11896}`: true,
		`{"id":11896,"created":"2021-12-10T12:53:37.982+01:00"}`:                                              true,
		`{"id":1.1896e4,"created":"2021-12-10T11:53:37.982Z"}`:                                                true,
		`{"id":11896,"id":2,"created":"2021-12-10T11:53:37.982Z","created":""}`:                               true, // the first counts
		`{"id":11897,"created":"2021-12-10T11:53:37.982+0000","summary":"User created"}`:                      false,
		`{"id":11896,"created":"2021-12-10T11:53:37.983+0000","summary":"User created"}`:                      false, // the id again, after an import
	} {
		if got := byID(raw) == byID(record); got != same {
			t.Errorf("%s is the same record: %v, want %v", raw, got, same)
		}
	}
}

// TestEventPinned guards the recipe for events of an organization:
//
//	printf 'event\0%s' 0ad1f0de-0000-4000-8000-000000000001 | sha256sum | cut -c-32
func TestEventPinned(t *testing.T) {
	t.Parallel()
	const want = "74bb1cfc5fa9001217ededa67bf359a0"
	for raw, same := range map[string]bool{
		`{"id":"0ad1f0de-0000-4000-8000-000000000001","type":"events","attributes":{"action":"user_login"}}`:                true,
		`{"attributes":{"action":"user_login","processedAt":"x"},"message":{},"id":"0ad1f0de-0000-4000-8000-000000000001"}`: true,
		`{"id":"0ad1f0de-0000-4000-8000-000000000002","attributes":{}}`:                                                     false,
		`{"id":"0ad1f0de-0000-4000-8000-000000000001"}`:                                                                     false,
	} {
		if got := byID(raw); (got == want) != same {
			t.Errorf("%s has %s", raw, got)
		}
	}
}

// TestByContent: a record without an id or a time that can be read is identified by its content,
// and so are all records unless the hasher is told otherwise.
func TestByContent(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{"created":"2021-12-10T11:53:37.982Z","x":%d}`,
		`{"id":"11896","created":"2021-12-10T11:53:37.982Z","x":%d}`,
		`{"id":-1,"created":"2021-12-10T11:53:37.982Z","x":%d}`,
		`{"id":1.5,"created":"2021-12-10T11:53:37.982Z","x":%d}`,
		`{"id":1e30,"created":"2021-12-10T11:53:37.982Z","x":%d}`,
		`{"id":null,"created":"2021-12-10T11:53:37.982Z","x":%d}`,
		`{"id":1,"x":%d}`,
		`{"id":1,"created":1639137217982,"x":%d}`,
		`{"id":1,"created":"yesterday","x":%d}`,
		`{"id":1,"created":"2021-12-10T11:53:37.982","x":%d}`, // without a zone
		`{"author":{"displayName":"System"},"creationDate":1639137217982,"summary":"Collector started","x":%d}`,
		`[{"id":1,"created":"2021-12-10T11:53:37.982Z","x":%d}]`,
		`{"id":1,"created":"2021-12-10T11:53:37.982Z","x":%d`,
	} {
		one, other := fmt.Sprintf(raw, 1), fmt.Sprintf(raw, 2)
		if byID(one) == byID(other) {
			t.Errorf("%s and %s have the same fingerprint", one, other)
		}
		var h Hasher
		if fp := h.Fingerprint(parsed([]byte(one))); hex.EncodeToString(fp[:]) != byID(one) {
			t.Errorf("%s is not identified by its content", one)
		}
	}
	var h Hasher
	one := h.Fingerprint(parsed([]byte(`{"id":1,"created":"2021-12-10T11:53:37.982Z","x":1}`)))
	if one == h.Fingerprint(parsed([]byte(`{"id":1,"created":"2021-12-10T11:53:37.982Z","x":2}`))) {
		t.Error("an id counts although the hasher was not told so")
	}
}

func TestByIDDoesNotAllocate(t *testing.T) {
	doc := parsed([]byte(`{"id":11896,"created":"2021-12-10T11:53:37.982+0130","summary":"User created"}`))
	h := Hasher{ByID: true}
	if n := testing.AllocsPerRun(100, func() { h.Fingerprint(doc) }); n > 0 {
		t.Errorf("a fingerprint allocates %v times", n)
	}
}

// TestInstant: instants are those of the standard library.
func TestInstant(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"2021-12-10T11:53:37.982+0000", "2021-12-10T11:53:37.982Z", "2021-12-10T11:53:37Z", "2021-12-10T11:53:37.9+01:30", "2021-12-10T11:53:37.123456789-0800",
		"1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999+0000", "2024-02-29T23:59:59.000-0230", "2023-02-29T00:00:00Z", "2021-13-01T00:00:00Z", "2021-00-01T00:00:00Z",
		"2021-12-00T00:00:00Z", "2021-12-32T00:00:00Z", "2021-12-10T24:00:00Z", "2021-12-10T11:60:00Z", "2021-12-10T11:53:60Z",
		"", "x", "2021", "2021-12-10", "2021-12-10 11:53:37Z", "2021-12-10T11:53:37", "2021-12-10T11:53:37.Z", "2021-12-10T11:53:37.982", "2021-12-10T11:53:37.982+", "2021-12-10T11:53:37.982+00",
		"2021-12-10T11:53:37.982Zx", "2021-12-10T11:53:37.982+0000x", "2021-1-10T11:53:37Z", "+021-12-10T11:53:37Z",
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			at, err = time.Parse("2006-01-02T15:04:05-0700", text)
		}
		ms, ok := instant([]byte(text))
		if ok != (err == nil) || ok && ms != at.UnixMilli() {
			t.Errorf("%q is %d %v, want %d %v", text, ms, ok, at.UnixMilli(), err)
		}
	}
}
