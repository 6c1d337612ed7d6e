package odd

// Value is a value of a key that Fluent Bit reserves.
type Value struct {
	Key, Value string
	Refused    bool // Fluent Bit does not start
	// Mistake: the reader reports it, because Fluent Bit refuses it or reads something else.
	Mistake bool
}

// Values returns values and how the real Fluent Bit reads them.
func Values() []Value {
	var all []Value
	add := func(key string, refused, mistake bool, values ...string) {
		for _, value := range values {
			all = append(all, Value{key, value, refused, mistake})
		}
	}
	fine := func(key string, values ...string) { add(key, false, false, values...) }
	refused := func(key string, values ...string) { add(key, true, true, values...) }
	silent := func(key string, values ...string) { add(key, false, true, values...) }

	fine("log_level", "off", "error", "WARN", "warning", "info", "debug", "trace")
	refused("log_level", "bananas", "fatal", "critical", "3", "on")
	fine("storage.type", "memory", "Filesystem", "memrb")
	refused("storage.type", "file", "disk", "fs")
	fine("storage.pause_on_chunks_overlimit", "on", "no")
	refused("storage.pause_on_chunks_overlimit", "1")
	fine("mem_buf_limit", "5", "0", "50M", "50mb", "1.5G", "10KB", "false")
	refused("mem_buf_limit", "lots", "5 apples", "50MiB", "5T", "5 M", "MB")
	silent("mem_buf_limit", "abc5", "M", "M5")
	fine("threaded", "on", "True", "yes", "off", "no", "FALSE")
	refused("threaded", "1", "0", "maybe", "y")
	fine("thread.ring_buffer.capacity", "1", "1024")
	refused("thread.ring_buffer.capacity", "0", "-1", "x")
	silent("thread.ring_buffer.capacity", "10x")
	fine("thread.ring_buffer.window", "1", "100")
	refused("thread.ring_buffer.window", "0", "101", "x")
	silent("thread.ring_buffer.window", "5%")
	fine("log_suppress_interval", "30", "30s", "5m", "1H", "2d")
	silent("log_suppress_interval", "soon", "30 seconds", "5min")
	fine("routable", "on")
	silent("routable", "off", "maybe")
	fine("rate_gate", "on", "off")
	refused("rate_gate", "1")
	fine("rate_gate.max_records", "0", "100")
	refused("rate_gate.max_records", "-1", "10k", "x")
	fine("rate_gate.max_bytes", "1M")
	refused("rate_gate.max_bytes", "lots")
	fine("rate_gate.resume_ratio", "0.5", "5e-1")
	refused("rate_gate.resume_ratio", "1", "0", "80%")
	refused("rate_gate.backpressure", "1")
	fine("rate_window", "1", "5s", "1m")
	refused("rate_window", "0", "soon", "-5s")
	for _, key := range []string{"host", "port", "listen", "ipv6"} {
		silent(key, "on")
	}
	fine("tag", "a b", "*")
	fine("alias", "a b")
	return all
}
