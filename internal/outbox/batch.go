package outbox

// A Batch is one buffer for the host: msgpack events of one window, oldest first.
type Batch struct {
	// Events are the bytes to hand over. The batch owns them until it is acknowledged.
	Events []byte
	// Records is how many events there are.
	Records int
	// Times are the times of the records that have one, in Unix milliseconds. The batch owns them
	// until it is acknowledged.
	Times []int64

	Seen []Seen // fingerprints committed with this batch
	// set on the last batch of a window: the checkpoint once it and all before it are acknowledged
	Checkpoint *Checkpoint
	from, to   int64 // first and last time in Seen
	state      batchState
}

type batchState int

const (
	ready        batchState = iota // waits to be handed over
	handed                         // in flight: handed over, not yet acknowledged
	acknowledged                   // the host has it
)
