package state

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// OtherSite is the error of a file that belongs to a site with another address.
type OtherSite struct {
	Path    string
	Is      string // the site that it belongs to
	Want    string // the one it was to belong to
	CloudID string // of Is, empty if nobody has noted it
}

func (e *OtherSite) Error() string {
	return fmt.Sprintf("state file %s belongs to %s, not to %s: give each site a db of its own, or set api_url back", e.Path, e.Is, e.Want)
}

// Move gives the state at path to the site at another address, which must be the same site: what
// was delivered is known by the fingerprints, which know no address. A kill leaves it with one of
// the two.
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
