package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"fluent-bit-confluence/test/rig"
)

// filebeatConfig pages by offset until a page is short, splits the records into events, and
// remembers the newest of them for the next poll. Its transforms run for each page, after the
// cursor has moved: the last lines of pagination are for that.
const filebeatConfig = `filebeat.inputs:
  - type: httpjson
    config_version: "2"
    interval: 1h
    auth.basic.user: admin@example.com
    auth.basic.password: unscoped-token
    request.method: GET
    request.url: %s/wiki/rest/api/audit
    request.transforms:
      - set:
          target: url.params.limit
          value: '%d'
      - set:
          target: url.params.startDate
          value: '[[.cursor.timestamp]]'
          default: '0'
    response.split:
      target: body.results
      ignore_empty_value: true
    response.pagination:
      - set:
          target: url.params.start
          value: '[[if ge (len .last_response.body.results) %[2]d]][[add (toInt .last_response.body.start) %[2]d]][[end]]'
          fail_on_template_error: true
      - set:
          target: url.params.startDate
          value: '[[.last_response.url.params.Get "startDate"]]'
    cursor:
      timestamp:
        value: '[[add (toInt .first_event.creationDate) 1]]'
output.file:
  path: %s
  filename: records
  rotate_every_kb: 10000000
logging.level: error
path.data: %[3]s/data
path.logs: %[3]s/logs
`

// runFilebeat measures Filebeat's httpjson. The row ends when the file has a line for each record.
func (b *bench) runFilebeat(ctx context.Context, r *row) (err error) {
	if err := needs("filebeat"); err != nil {
		return err
	}
	s, err := startServer(ctx, site(r.Site, r.Records))
	if err != nil {
		return err
	}
	defer s.account(r, &err)
	config := filepath.Join(r.dir, "filebeat.yml")
	if err := os.WriteFile(config, fmt.Appendf(nil, filebeatConfig, s.URL, pageSize, r.dir), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "filebeat", "-e", "-c", config)
	cmd.Dir = r.dir
	var log bytes.Buffer
	cmd.Stderr = &log
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	memory := watchMemory(cmd.Process.Pid, false)
	lines := lineCounter{pattern: filepath.Join(r.dir, "records*")} // newer versions append a date
	err = rig.Await(ctx, func() bool { return lines.count() >= r.Records })
	r.Wall, r.Memory = time.Since(began), memory.end()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait() // how it ends does not matter, what it wrote does
	if err != nil {
		return fmt.Errorf("run filebeat: %d of %d records; the log:\n%s", lines.lines, r.Records, log.String())
	}
	r.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return verify(lines.file.Name(), r.Records)
}
