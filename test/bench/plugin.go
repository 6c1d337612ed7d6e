package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// plugin is the name of the rows of this project.
const plugin = "this plugin"

// input returns an input section of the plugin with the usual keys. It begins before the first
// record.
func input(dir, url, deployment string, records int) rig.Keys {
	keys := rig.Keys{
		"name": "confluence", "api_url": url, "gateway_url": url, "db": filepath.Join(dir, "state.db"),
		"start_from": fmt.Sprintf("%dh", int(history(records).Hours())+24),
	}
	if deployment == simulate.DataCenter {
		return keys.With(rig.Keys{"personal_access_token": "personal-access-token"})
	}
	return keys.With(rig.Keys{"user_identifier": "admin@example.com", "api_token": "unscoped-token"})
}

// runPlugin measures the plugin in Fluent Bit, with its state on disk.
func (b *bench) runPlugin(ctx context.Context, r *row) (err error) {
	s, err := startServer(ctx, site(r.Site, r.Records))
	if err != nil {
		return err
	}
	defer s.account(r, &err)
	keys := input(r.dir, s.URL, r.Site, r.Records).With(rig.Keys{"schema": r.Schema})
	if r.direct {
		keys["threaded"] = "off"
	}
	h, err := b.start(r, "", keys)
	if err != nil {
		return err
	}
	return h.finish(ctx, r)
}

// account stops the server at the end of a row, and notes its CPU time.
func (s *server) account(r *row, err *error) {
	used, errStop := s.stop()
	r.Server = used
	*err = errors.Join(*err, errStop)
}
