package outbox

// maxSpare is how many sets of buffers are kept for later batches.
const maxSpare = 40

// buffers hold the events, fingerprints and times of a batch.
type buffers struct {
	events []byte
	seen   []Seen
	times  []int64
}

// Give gives b buffers with room for about so many bytes and records. It keeps the fingerprints
// that b already has.
func (o *Outbox) Give(b *Batch, bytes, records int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.resting = false
	if n := len(o.spare); n > 0 {
		b.Events, b.Seen, b.Times = o.spare[n-1].events, append(o.spare[n-1].seen, b.Seen...), o.spare[n-1].times
		o.spare = o.spare[:n-1]
		return
	}
	b.Events, b.Seen = make([]byte, 0, bytes), append(make([]Seen, 0, max(records, len(b.Seen))), b.Seen...)
	b.Times = make([]int64, 0, records)
}

// Rest frees the spare memory. It is called when nothing is read for a while.
func (o *Outbox) Rest() {
	o.mu.Lock()
	o.spare, o.resting = nil, true
	o.mu.Unlock()
}
