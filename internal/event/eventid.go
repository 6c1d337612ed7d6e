package event

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"fluent-bit-confluence/internal/document"
)

// AppendEventID appends the id of one record of one site: 32 hex digits, the first 16 bytes of
// SHA-256 over the site's canonical URL, a zero byte, the fingerprint and the occurrence, an
// unsigned big-endian 32-bit number. It is the same for each reading of the record, by any process,
// so a SIEM can drop repeats by it. Records have no id of their own, and some are identical: the
// occurrence counts those, 0 for the first.
func AppendEventID(dst []byte, site string, fp document.Fingerprint, occurrence int) []byte {
	var scratch [256]byte // on the stack, and enough for any usual URL
	b := append(scratch[:0], site...)
	b = append(b, 0)
	b = append(b, fp[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(occurrence))
	sum := sha256.Sum256(b)
	return hex.AppendEncode(dst, sum[:16])
}
