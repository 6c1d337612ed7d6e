package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// parser reads a line of JSON.
const parser = "[PARSER]\n    Name json\n    Format json\n"

// pagingScript fetches an audit log with curl and jq, as operators do: page after page, until one
// is short.
const pagingScript = `start=0
while :; do
  curl -s -u '%s' '%s&%s='$start | jq -c '.%s[]' > page
  cat page
  [ $(wc -l < page) -lt %d ] && break
  start=$((start + %[5]d))
done
`

// pageSize is the same for all candidates; it is the plugin's default.
const pageSize = 1000

// An api holds what a script needs to read the API.
type api struct{ login, list, offset, records string }

func apiOf(deployment, url string) api {
	if deployment == simulate.DataCenter {
		return api{"admin:password", fmt.Sprintf("%s/rest/auditing/1.0/events?limit=%d", url, pageSize), "offset", "entities"}
	}
	return api{"admin@example.com:unscoped-token", fmt.Sprintf("%s/wiki/rest/api/audit?limit=%d", url, pageSize), "start", "results"}
}

// runExec measures Fluent Bit's exec with a paging script, once over all records, and a JSON
// parser.
func (b *bench) runExec(ctx context.Context, r *row) (err error) {
	if err := needs("curl", "jq"); err != nil {
		return err
	}
	s, err := startServer(ctx, site(r.Site, r.Records))
	if err != nil {
		return err
	}
	defer s.account(r, &err)
	a := apiOf(r.Site, s.URL)
	script := filepath.Join(r.dir, "script.sh")
	if err := os.WriteFile(script, fmt.Appendf(nil, pagingScript, a.login, a.list, a.offset, a.records, pageSize), 0o600); err != nil {
		return err
	}
	h, err := b.start(r, parser, rig.Keys{"name": "exec", "command": "sh " + script, "oneshot": "true", "buf_size": "64k", "parser": "json"})
	if err != nil {
		return err
	}
	return h.finish(ctx, r)
}
