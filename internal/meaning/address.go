package meaning

import (
	"bytes"
	"net/netip"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/scan"
)

// readAddresses reads the addresses in r.Source. Behind proxies Confluence writes the client first
// and then the proxies, separated by commas.
func (r *Reading) readAddresses() {
	rest := r.Source.Text
	for len(rest) > 0 {
		i := bytes.IndexAny(rest, ", ;")
		var word []byte
		if i < 0 {
			word, rest = rest, nil
		} else {
			word, rest = rest[:i], rest[i+1:]
		}
		if len(word) == 0 {
			continue
		}
		if a := parseAddress(word); a.IsValid() {
			r.Addresses = append(r.Addresses, a)
		}
	}
}

// parseAddress reads 192.0.2.1, 2001:db8::1, [2001:db8::1], and each with a port. It refuses an
// address with a zone, which has no meaning elsewhere.
func parseAddress(word []byte) netip.Addr {
	if len(word) > 64 {
		return netip.Addr{}
	}
	if a := parseIPv4(word); a.IsValid() {
		return a
	}
	s := string(word)
	if n := len(s); n > 2 && s[0] == '[' && s[n-1] == ']' {
		s = s[1 : n-1]
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		withPort, _ := netip.ParseAddrPort(s)
		a = withPort.Addr()
	}
	if !a.IsValid() || a.Zone() != "" {
		return netip.Addr{}
	}
	return a.Unmap()
}

// parseIPv4 reads four decimal numbers, as nearly all records have, without the copy that
// netip.ParseAddr needs. What it does not read may still be an address.
func parseIPv4(word []byte) netip.Addr {
	var octets [4]byte
	for i := range octets {
		end := scan.Digits(word, 0)
		if end == 0 || end > 3 || end > 1 && word[0] == '0' {
			return netip.Addr{}
		}
		n, _ := document.AsInt(word[:end])
		word = word[end:]
		if last := i == 3; n > 255 || last != (len(word) == 0) || !last && word[0] != '.' {
			return netip.Addr{}
		}
		octets[i] = byte(n)
		word = word[min(1, len(word)):]
	}
	return netip.AddrFrom4(octets)
}
