package schema

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// spell writes a decoded value as JSON. With r, it writes it in one of the many ways that mean the
// same.
func spell(r *rand.Rand, v any) []byte {
	var b strings.Builder
	spellValue(&b, r, v)
	return []byte(b.String())
}

func spellValue(b *strings.Builder, r *rand.Rand, v any) {
	gap := func() {
		if r != nil {
			b.WriteString([]string{"", "", " ", "\n\t", "\r\n"}[r.IntN(5)])
		}
	}
	gap()
	switch v := v.(type) {
	case object:
		b.WriteByte('{')
		for i, m := range shuffled(r, v) {
			if i > 0 {
				b.WriteByte(',')
			}
			gap()
			spellText(b, r, m.Name)
			gap()
			b.WriteByte(':')
			spellValue(b, r, m.Value)
		}
		gap()
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			spellValue(b, r, e)
		}
		gap()
		b.WriteByte(']')
	case string:
		spellText(b, r, v)
	case json.Number:
		spellNumber(b, r, string(v))
	case bool:
		fmt.Fprint(b, v)
	case nil:
		b.WriteString("null")
	}
	gap()
}

// shuffled keeps the order of members with the same name: it is all that tells them apart.
func shuffled(r *rand.Rand, o object) object {
	names := map[string]bool{}
	for _, m := range o {
		names[m.Name] = true
	}
	if r == nil || len(names) < len(o) {
		return o
	}
	o = append(object{}, o...)
	r.Shuffle(len(o), func(i, k int) { o[i], o[k] = o[k], o[i] })
	return o
}

func spellText(b *strings.Builder, r *rand.Rand, s string) {
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c < ' ' || c == '"' || c == '\\' || c < 0x10000 && r != nil && r.IntN(8) == 0:
			fmt.Fprintf(b, []string{`\u%04x`, `\u%04X`}[c%2], c)
		case c == '/' && r != nil && r.IntN(2) == 0:
			b.WriteString(`\/`)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
}

func spellNumber(b *strings.Builder, r *rand.Rand, literal string) {
	b.WriteString(literal)
	if r == nil || strings.ContainsAny(literal, "eE") {
		return
	}
	if r.IntN(2) == 0 {
		if !strings.Contains(literal, ".") {
			b.WriteString(".")
		}
		b.WriteString(strings.Repeat("0", 1+r.IntN(3)))
	}
	b.WriteString([]string{"", "e0", "E-0", "e+00"}[r.IntN(4)])
}
