// Package confluence reads the audit log of Confluence Cloud and Data Center.
//
// It knows where Confluence's audit APIs are, which route and API a site needs, and what their
// refusals mean. Package atlassian sends the requests, and package paging reads the pages. Each
// record is yielded as the server sent it; records of our own reads on a Data Center are left out.
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
