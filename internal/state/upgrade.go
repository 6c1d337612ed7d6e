package state

import (
	"bytes"
	"fmt"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// A step brings the layout of a file to the next version. What it keeps must keep its meaning,
// above all the fingerprints: a record whose fingerprint is lost is delivered again.
type step func(*bolt.Tx) error

// firstVersion is the layout version of the first release. steps[i] upgrades a file of version
// firstVersion+i, so a new layout is a new step at the end.
const firstVersion = 1

var steps []step

// upgrade brings a file of version v to the newest in one transaction, so that after a crash it is
// the old file or the new one.
func upgrade(db *bolt.DB, v int, site string, steps []step) error {
	missing := steps[v-firstVersion:]
	if len(missing) == 0 {
		return nil
	}
	return db.Update(func(tx *bolt.Tx) error {
		for i, step := range missing {
			if err := step(tx); err != nil {
				return fmt.Errorf("bring it forward from version %d to %d: %w; report this with the file, and run the older program meanwhile", v+i, v+i+1, err)
			}
		}
		meta, newest := tx.Bucket(metaBucket), firstVersion+len(steps)
		if saved := meta.Get(checkpointKey); saved != nil {
			text, _, err := unseal(bytes.Clone(saved), v, site)
			if err != nil {
				return err
			}
			if err := meta.Put(checkpointKey, seal(text, newest, site)); err != nil {
				return err
			}
		}
		return meta.Put(versionKey, []byte(strconv.Itoa(newest)))
	})
}
