package redact

import "encoding/base64"

// decoded decodes the words of a text that may be base64 or hexadecimal, from each place where a
// group may begin.
func (s spelling) decoded() []spelling {
	const shortest = 16 // twelve characters in base64
	words := s.words(shortest)
	if len(words) == 0 {
		return nil
	}
	var all []spelling
	for at := range 4 {
		all = append(all, s.groups(words, at, 4, 3, func(dst, group []byte) int {
			n, _ := base64.RawURLEncoding.Decode(dst, group)
			return n
		}))
	}
	for at := range 2 {
		all = append(all, s.groups(words, at, 2, 1, func(dst, group []byte) int {
			n, ok := hexNumber(group, 0, 2)
			if !ok {
				return 0
			}
			dst[0] = byte(n)
			return 1
		}))
	}
	return all
}

// words returns the runs of base64 characters, each as the index of its first character and the
// index behind its last.
func (s spelling) words(shortest int) (words [][2]int) {
	begin := -1
	for i := range len(s.plain) + 1 {
		if i < len(s.plain) && base64Letter(s.plain[i]) != 0 {
			if begin < 0 {
				begin = i
			}
			continue
		}
		if begin >= 0 && i-begin >= shortest {
			words = append(words, [2]int{begin, i})
		}
		begin = -1
	}
	return words
}

// base64Letter is a letter of base64 for URLs, 0 if it is none.
func base64Letter(b byte) byte {
	switch {
	case b >= 'A' && b <= 'Z', b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '-', b == '_':
		return b
	case b == '+':
		return '-'
	case b == '/':
		return '_'
	}
	return 0
}

// groups decodes words, beginning at an offset, in groups of in characters, each of which gives at
// most out bytes.
func (s spelling) groups(words [][2]int, at, in, out int, decode func(dst, group []byte) int) spelling {
	var d spelling
	group, value := make([]byte, in), make([]byte, out)
	for _, word := range words {
		for i := word[0] + at; i < word[1]; i += in {
			n := min(in, word[1]-i)
			for k := range n {
				group[k] = base64Letter(s.plain[i+k])
			}
			for k := range decode(value, group[:n]) {
				d.plain = append(d.plain, value[k])
				d.from, d.to = append(d.from, s.from[i]), append(d.to, s.to[i+n-1])
			}
		}
	}
	return d
}
