package simulate

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// issuer is the authorization server of a site. The products of one site share it.
type issuer struct {
	mu       sync.Mutex
	tokens   map[string]time.Time // access tokens and their end
	products []product            // that an access token is for
}

func newIssuer(p product) *issuer {
	return &issuer{tokens: map[string]time.Time{}, products: []product{p}}
}

// issue returns a new access token.
func (i *issuer) issue(seed uint64, end time.Time) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	token := fmt.Sprintf("access-token-%d-%016x", len(i.tokens)+1, mix(seed, saltToken, uint64(len(i.tokens))))
	i.tokens[token] = end
	return token
}

func (i *issuer) end(token string) (end time.Time, known bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	end, known = i.tokens[token]
	return end, known
}

// scope returns all scopes of an access token.
func (i *issuer) scope() string {
	var scopes []string
	for _, p := range i.products {
		scopes = append(scopes, p.scopes...)
	}
	return strings.Join(scopes, " ")
}
