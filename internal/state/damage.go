package state

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// A damageError is the error of a file that is damaged.
type damageError struct {
	path string
	err  error
}

func (e *damageError) Error() string {
	return fmt.Sprintf("state file %s is damaged: %v", e.path, e.err)
}
func (e *damageError) Unwrap() error { return e.err }

// IsDamage reports whether err is about a damaged file. Such a file is moved aside.
func IsDamage(err error) bool {
	_, ok := errors.AsType[*damageError](err)
	return ok
}

// recoverDamage turns a panic of bbolt about an impossible page into an error. A verified file has
// no such page, unless another program writes into it.
func recoverDamage(path string, err *error) {
	if r := recover(); r != nil {
		*err = &damageError{path, fmt.Errorf("%v", r)}
	}
}

// setAside renames the file at path, if there is one, to a name that is free.
func setAside(path string) (aside string, err error) {
	// A rename would replace a file of that name.
	for taken := error(nil); taken == nil; _, taken = os.Lstat(aside) {
		aside = fmt.Sprintf("%s.damaged-%s", path, time.Now().UTC().Format("20060102T150405.000000"))
	}
	switch err := os.Rename(path, aside); {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("move the damaged state file aside: %w; make its folder writable for the user that Fluent Bit runs as, or move the file yourself", err)
	}
	return aside, nil
}
