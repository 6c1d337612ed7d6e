package meaning

import (
	"net/netip"
	"testing"
)

// TestParseIPv4: addresses read without the standard library are those that it reads.
func TestParseIPv4(t *testing.T) {
	t.Parallel()
	for _, word := range []string{
		"192.0.2.1", "0.0.0.0", "255.255.255.255", "1.2.3.4", "256.0.0.1", "1.2.3.999", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4", "1..2.3", "01.2.3.4", "1.2.3.04", "1.2.3.00", "1.2.3.0000",
		"", ".", "...", "1", "1.2.3.4x", "1.2.3.4:80", "a.b.c.d", "-1.2.3.4", "1,2,3,4", "::1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0",
	} {
		want, _ := netip.ParseAddr(word)
		if !want.Is4() {
			want = netip.Addr{}
		}
		if got := parseIPv4([]byte(word)); got != want {
			t.Errorf("%q is %s, want %s", word, got, want)
		}
	}
}
