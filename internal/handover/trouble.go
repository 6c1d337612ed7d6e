package handover

import "time"

// Stuck reports whether the host takes nothing. The reason has been logged.
func (s *Sender) Stuck() bool { return !s.trouble.IsZero() }

// refused notes that the host has not put a batch into a chunk.
func (s *Sender) refused() {
	s.again = time.Now().Add(retryAfter)
	s.troubled("Fluent Bit does not put the records into its buffer (its own lines say why; is the disk of storage.path full, or out of inodes? does a processor " +
		"fail?): they are kept, and handed over again every few seconds until it does")
}

// noRoom notes that the disk of the chunks at path is full, or nearly.
func (s *Sender) noRoom(path string) {
	s.again = time.Now().Add(retryAfter)
	s.troubled("the disk of %s, where Fluent Bit keeps its buffer, is full or nearly full: the records are kept, and handed over when there is room; free space there", path)
}

// notePaused is called at each tick while the input is paused.
func (s *Sender) notePaused() {
	if time.Since(s.paused) >= troubleAfter {
		s.troubled("Fluent Bit has paused this input for %s, because its buffer is full (mem_buf_limit, or storage.max_chunks_up): the records wait, and none is "+
			"lost; see why outputs do not deliver", troubleAfter)
	}
}

// troubled logs what is wrong, once until the host takes records again.
func (s *Sender) troubled(format string, args ...any) {
	if s.trouble.IsZero() {
		s.trouble = time.Now()
		s.log.Errorf(format, args...)
	}
}

// taken notes that the host takes records.
func (s *Sender) taken() {
	if !s.trouble.IsZero() {
		s.log.Infof("Fluent Bit takes records again, after %s", time.Since(s.trouble).Round(time.Second))
		s.trouble = time.Time{}
	}
}
