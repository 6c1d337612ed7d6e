package state

import "os"

// The input does not run on Windows. The tool does, and only reads state files there.
const openNow, noLink = 0, 0

func lock(*os.File, bool) (taken bool, err error) { return true, nil }
