// Command kafka-broker is a Kafka broker for one test, by kfake, with SASL PLAIN. It writes its
// address and then the messages that it receives to standard output, one line of JSON for each.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
)

func main() {
	log.SetFlags(0)
	topic := flag.String("topic", "", "topic there is")
	user := flag.String("user", "", "SASL PLAIN user")
	password := flag.String("password", "", "and password")
	flag.Parse()

	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, *topic), kfake.EnableSASL(), kfake.Superuser("PLAIN", *user, *password))
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	fmt.Println(cluster.ListenAddrs()[0])

	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(*topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.SASL(plain.Auth{User: *user, Pass: *password}.AsMechanism()))
	if err != nil {
		log.Fatal(err)
	}
	lines := json.NewEncoder(os.Stdout)
	for {
		fetches := client.PollFetches(context.Background())
		if err := fetches.Err(); err != nil {
			log.Fatal(err)
		}
		for r := range fetches.RecordsAll() {
			if err := lines.Encode(map[string]any{"key": string(r.Key), "value": json.RawMessage(r.Value)}); err != nil {
				log.Fatal(err)
			}
		}
	}
}
