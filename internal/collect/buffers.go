package collect

// maxSpare is how many batches' memory is kept while many are made.
const maxSpare = 40

// buffers are what the events and fingerprints of a batch are appended to.
type buffers struct {
	events []byte
	seen   []Seen
}

// give gives b buffers, with room for about as many bytes and records. What b has seen it keeps.
func (o *outbox) give(b *Batch, bytes, records int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.resting = false
	if n := len(o.spare); n > 0 {
		b.Events, b.seen = o.spare[n-1].events, append(o.spare[n-1].seen, b.seen...)
		o.spare = o.spare[:n-1]
		return
	}
	b.Events, b.seen = make([]byte, 0, bytes), append(make([]Seen, 0, max(records, len(b.seen))), b.seen...)
}

// rest gives back the spare memory, when nothing more is to be read for a while.
func (o *outbox) rest() {
	o.mu.Lock()
	o.spare, o.resting = nil, true
	o.mu.Unlock()
}
