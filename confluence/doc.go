// Package confluence says where Confluence Cloud and Data Center have their audit log, and what is
// particular about its refusals. Package site reads it.
//
//	client, err := confluence.New(atlassian.Options{
//		APIURL:         "https://acme.atlassian.net",
//		UserIdentifier: "auditor@acme.example",
//		APIToken:       atlassian.NewSecret(token),
//	})
//	...
//	err = client.Read(ctx, from, to, func(r atlassian.Record) error { ... })
package confluence
