// Command kafka is a broker for one test: Kafka as kfake plays it, with TLS and SCRAM. What it is sent it writes to standard output, one
// line of JSON a message, after a first line with its address.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

func main() {
	log.SetFlags(0)
	cert := flag.String("cert", "", "PEM file of the certificate")
	key := flag.String("key", "", "PEM file of its key")
	topic := flag.String("topic", "", "topic there is")
	user := flag.String("user", "", "SCRAM-SHA-512 user")
	password := flag.String("password", "", "and password")
	flag.Parse()

	pair, err := tls.LoadX509KeyPair(*cert, *key)
	if err != nil {
		log.Fatal(err)
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, *topic), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}}),
		kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", *user, *password))
	if err != nil {
		log.Fatal(err)
	}
	defer cluster.Close()
	fmt.Println(cluster.ListenAddrs()[0])

	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.ConsumeTopics(*topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		// The client is inside the process of the broker that it would verify.
		kgo.DialTLSConfig(&tls.Config{InsecureSkipVerify: true}), //nolint:gosec
		kgo.SASL(scram.Auth{User: *user, Pass: *password}.AsSha512Mechanism()))
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
