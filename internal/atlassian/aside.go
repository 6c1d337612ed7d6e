package atlassian

import "context"

// aside marks the context of a request that nothing waits for.
type aside struct{}

// Aside returns a context for requests that are nice to have. Each is sent once, and what its
// refusal says about the rate of requests holds up no other request. A [Quota] counts it like all
// others.
func Aside(ctx context.Context) context.Context { return context.WithValue(ctx, aside{}, true) }

func isAside(ctx context.Context) bool { return ctx.Value(aside{}) != nil }
