package event

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"fluent-bit-confluence/internal/document"
)

// AppendEventID appends the id of one record of one site: 32 hex digits, the first 16 bytes of
// SHA-256 over
//
//   - for a product other than Confluence its name and a zero byte, such as "jira\x00",
//   - the site's canonical URL and a zero byte,
//   - the 16 bytes of the fingerprint,
//   - the occurrence, an unsigned big-endian 32-bit number.
//
// Confluence has no name there, because its ids are older than the second product. The id is the
// same for each reading of the record, by any process, so a SIEM can drop repeats by it. Most
// records have no id of their own, and some are identical: the occurrence counts those, 0 for the
// first.
func AppendEventID(dst []byte, site *Site, fp document.Fingerprint, occurrence int) []byte {
	var scratch [256]byte // on the stack, and enough for any usual URL
	b := scratch[:0]
	if site.Product != "" && site.Product != confluence.Key {
		b = append(append(b, site.Product...), 0)
	}
	b = append(b, site.URL...)
	b = append(b, 0)
	b = append(b, fp[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(occurrence))
	sum := sha256.Sum256(b)
	return hex.AppendEncode(dst, sum[:16])
}
