package state

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// A damageError says that the file is no state file any more.
type damageError struct {
	path string
	err  error
}

func (e *damageError) Error() string {
	return fmt.Sprintf("state file %s is damaged: %v", e.path, e.err)
}
func (e *damageError) Unwrap() error { return e.err }

// IsDamage tells whether an error is about a file that is, or was, moved aside.
func IsDamage(err error) bool {
	_, ok := errors.AsType[*damageError](err)
	return ok
}

// recoverDamage turns the panics with which bbolt meets impossible pages into an error. A file that
// was proven has none, unless somebody writes into it behind our back.
func recoverDamage(path string, err *error) {
	if r := recover(); r != nil {
		*err = &damageError{path, fmt.Errorf("%v", r)}
	}
}

// setAside keeps what stands at path under another name. There may be nothing.
func setAside(path string) (aside string, err error) {
	// A rename replaces what has the name.
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
