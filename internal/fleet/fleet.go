// Package fleet shares audit logs among processes, and keeps their state, in a PostgreSQL database.
//
//	member, err := fleet.Join(ctx, fleet.Options{URL: ..., Log: ...})
//	candidate := member.NewCandidate("https://acme.atlassian.net")
//	for {
//		lease, err := candidate.Acquire(ctx) // waits until it is this process's turn
//		... read, hand over while lease.Held(), commit to the lease, until lease.Moving() or Lost()
//		lease.Close()
//	}
//
// # Who holds a log
//
// A log has a row that names the member which holds its lease. A member has one row with an expiry,
// and renews it every third of LeaseTime. Nobody else takes the log while the row of the member
// exists, and others remove it only when it has expired by the database's clock. So one small
// statement renews all leases of a member, and a commit never delays it.
//
// A member hands nothing over after Until, a tenth of LeaseTime before the row can be removed. Each
// acquisition has a new token and a higher epoch. Commits check both in their
// transaction, so a member that has lost a log cannot change its state.
//
// A tool that changes the state of a log, to rewind or to import it, is a member too, see Visit.
//
// # What survives which crash
//
//	a kill of a member        its logs are held again when its leases have run out; what was in
//	                          flight, handed over and not committed, is delivered again
//	a member that is stopped  the same; when it goes on, it hands nothing over and commits nothing
//	a cut connection          the commit is tried again; nothing is counted or delivered twice
//	the database stops        members hold their logs until the leases end, then they wait
//	the database has lost     leases whose commits or acquisitions were lost are over; what was
//	its last commits          lost is delivered again; no log is given away for one LeaseTime, so that
//	                          the former holders have stopped
//	a member that leaves      nothing is delivered again
//
// So the only records that come twice are those that were handed over and not yet committed, or
// whose commit the database has lost.
//
// The clock of the database must not jump ahead by more than a tenth of LeaseTime while a server
// runs.
//
// # What it costs
//
// A commit is one message of one to seven statements and one answer, so one round trip: about 1,000
// bytes, and 52 for each record. A lookup is one message: 50 bytes for each key, and 70 more for
// each that is found. A row and its index entry take about 120 bytes. Fingerprints before the
// horizon are removed with the first commit of a lease and when the horizon has moved by an hour,
// at most 20,000 at once.
//
// A member sends one statement each LeaseTime/3 to renew, and one each second to look who is there:
// the rows of the members, with 20 bytes for each log. Whoever waits for a log that it should have
// asks for it with the same beat. A process has at most 5 connections.
//
// # Poolers and engines
//
// Every message is a transaction of its own, of one or more statements: see message. Nothing is
// prepared. There are only tables, plain indexes and INSERT ... ON CONFLICT: no advisory locks,
// notifications, sequences, functions of the server's own or temporary tables. A pooler in the mode
// of transactions may stand in between.
package fleet
