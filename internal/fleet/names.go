package fleet

// Tenure is the former name of a Lease, for the tool until it uses that.
type Tenure = Lease
