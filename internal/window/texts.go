package window

// texts are copies of the records of one window, because the source uses its memory again for the
// next page. The blocks that hold them are used again for the next window.
type texts struct {
	blocks [][]byte
	filled int // blocks used, including the current one
	bytes  int
}

const (
	smallestBlock = 8 << 10
	largestBlock  = 256 << 10
)

// keep returns a copy of text that is valid until release is called.
func (t *texts) keep(text []byte) []byte {
	for t.filled == 0 || len(t.blocks[t.filled-1])+len(text) > cap(t.blocks[t.filled-1]) {
		if t.filled == len(t.blocks) {
			size := min(max(t.bytes, smallestBlock), largestBlock)
			t.blocks = append(t.blocks, make([]byte, 0, max(size, len(text))))
		}
		t.filled++
	}
	block := &t.blocks[t.filled-1]
	from := len(*block)
	*block = append(*block, text...)
	t.bytes += len(text)
	return (*block)[from:len(*block):len(*block)]
}

// release ends the use of all texts. It keeps the blocks for the next window, except those that
// this window did not need and those of very large records.
func (t *texts) release() {
	kept := t.blocks[:0]
	for _, block := range t.blocks[:t.filled] {
		if cap(block) <= largestBlock {
			kept = append(kept, block[:0])
		}
	}
	clear(t.blocks[len(kept):])
	t.blocks, t.filled, t.bytes = kept, 0, 0
}
