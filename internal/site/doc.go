// Package site reads the audit log of one product at one Atlassian site, Cloud or Data Center.
//
// It finds out what is at an address, which API and which route the credential needs, and what the
// refusals of the audit API mean; and it checks access step by step. A [Product] says what differs
// between products. Package atlassian sends the requests, and package paging reads the pages. Each
// record is yielded as the server sent it; records of our own reads on a Data Center are left out.
package site
