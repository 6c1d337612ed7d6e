package outbox

// maxSpare is how many batches' memory is kept while many are made.
const maxSpare = 40

// buffers are what the events, fingerprints and times of a batch are appended to.
type buffers struct {
	events []byte
	seen   []Seen
	times  []int64
}

// Give gives b buffers, with room for about as many bytes and records. What b has seen it keeps.
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

// Rest gives back the spare memory, when nothing more is to be read for a while.
func (o *Outbox) Rest() {
	o.mu.Lock()
	o.spare, o.resting = nil, true
	o.mu.Unlock()
}
