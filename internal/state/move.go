package state

import (
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// OtherSite is the error of a file that belongs to another audit log.
type OtherSite struct {
	Path    string
	Is      string // the log that it belongs to, see site.Site.Log
	Want    string // the log that was expected
	CloudID string // of Is, "" if it is not in the file
}

// Moved reports whether the file belongs to the same log at its former address: that of the same
// product, at a site with the same cloud id.
func (e *OtherSite) Moved(cloudID string) bool {
	return e.CloudID != "" && e.CloudID == cloudID && productOf(e.Is) == productOf(e.Want)
}

// productOf returns the product before the address of a log, empty for Confluence.
func productOf(log string) string {
	product, _, _ := strings.Cut(log, " ")
	if product == log {
		return ""
	}
	return product
}

func (e *OtherSite) Error() string {
	return fmt.Sprintf("state file %s belongs to %s, not to %s: give each input a db of its own, or set api_url and product back", e.Path, e.Is, e.Want)
}

// Move changes the address of the site in the state file at path. It must be the same site: the
// fingerprints do not depend on the address, so they stay valid. After a crash the file has one of
// the two addresses.
func Move(path, from, to string) error {
	file, err := openLocked(path)
	if err != nil {
		return err
	}
	d, err := openDisk(file, path, from, steps)
	if err != nil {
		file.Close()
		return err
	}
	defer d.db.Close()
	version := firstVersion + len(steps)
	err = d.db.Update(func(tx *bolt.Tx) error {
		if err := tx.Bucket(metaBucket).Put(siteKey, []byte(to)); err != nil {
			return err
		}
		if d.content.saved == nil {
			return nil
		}
		return putCheckpoint(tx, d.content.checkpoint, version, to) // its checksum covers the site
	})
	if err != nil {
		return fmt.Errorf("write state file %s: %w; nothing has changed", path, err)
	}
	return nil
}
