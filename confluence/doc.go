// Package confluence reads the audit log of Confluence Cloud and Data Center.
//
// It owns everything that is HTTP: credentials, the way to the API, paging, pace, and errors that
// carry a cause and a remedy. It keeps each record as the server sent it and reads nothing from it
// but its time.
//
//	client, err := confluence.New(atlassian.Options{
//		APIURL:         "https://acme.atlassian.net",
//		UserIdentifier: "auditor@acme.example",
//		APIToken:       atlassian.NewSecret(token),
//	})
//	...
//	err = client.Read(ctx, from, to, func(r atlassian.Record) error { ... })
package confluence

//go:generate go test -run TestDocumentation -update
