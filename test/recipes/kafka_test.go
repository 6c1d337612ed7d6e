package recipes

import (
	"bufio"
	"encoding/json"
	"net"
	"os/exec"
	"testing"
)

func TestKafka(t *testing.T) {
	program := tool(t, "kafka-broker")
	eachForm(t, "kafka", func(r *recipe) {
		broker := exec.Command(program, "-topic", "atlassian-audit", "-user", "audit", "-password", "secret")
		out, err := broker.StdoutPipe()
		if err != nil {
			r.Fatal(err)
		}
		daemon(r.T, broker)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		if !lines.Scan() {
			r.Fatal("the broker does not say its address")
		}
		_, port, _ := net.SplitHostPort(lines.Text())
		// Not every build of Fluent Bit has TLS for Kafka, and without it there is no SCRAM.
		r.start(map[string]string{
			"KAFKA_BROKERS": "127.0.0.1:" + port, "KAFKA_SECURITY": "sasl_plaintext", "KAFKA_SASL_MECHANISM": "PLAIN",
			"KAFKA_USER": "audit", "KAFKA_PASSWORD": "secret",
		})

		want := r.expected(raw)
		for _, event := range want {
			lift(event.(map[string]any), "atlassian")
		}
		var got arrivals
		go func() {
			for lines.Scan() {
				var message struct {
					Key   string
					Value json.RawMessage
				}
				if err := json.Unmarshal(lines.Bytes(), &message); err != nil {
					got.mistake("message: %v", err)
				}
				event := got.object(message.Value)
				if at(event, "fluent_bit_time") == "" {
					got.mistake("no fluent_bit_time")
				}
				delete(event, "fluent_bit_time")
				got.take(message.Key, event)
			}
		}()
		got.wantAll(r.T, want)
	})
}

// lift does what the filter nest does with operation lift.
func lift(event map[string]any, key string) {
	for name, value := range event[key].(map[string]any) {
		event[key+"_"+name] = value
	}
	delete(event, key)
}
