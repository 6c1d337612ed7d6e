package state

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// OtherSite is the error of a file that belongs to a site with another address.
type OtherSite struct {
	Path    string
	Is      string // the site that it belongs to
	Want    string // the site that was expected
	CloudID string // of Is, "" if it is not in the file
}

func (e *OtherSite) Error() string {
	return fmt.Sprintf("state file %s belongs to %s, not to %s: give each site a db of its own, or set api_url back", e.Path, e.Is, e.Want)
}

// Move changes the address of the site in the state file at path. It must be the same site: the
// fingerprints do not depend on the address, so they stay valid. After a crash the file has one of
// the two addresses.
func Move(path, from, to string) error {
	file, err := take(path)
	if err != nil {
		return err
	}
	d, err := use(file, path, from, steps)
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
