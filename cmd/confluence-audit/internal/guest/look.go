package guest

import (
	"context"
	"net/url"
	"time"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/terminal"
)

// databaseWait bounds how long a command waits for a database.
const databaseWait = 10 * time.Second

// View reads what processes share in the database of an input. It changes nothing. Its errors have
// no secrets.
func View(ctx context.Context, s config.Settings) (fleet.Overview, error) {
	ctx, cancel := context.WithTimeout(ctx, databaseWait)
	defer cancel()
	return fleet.View(ctx, Options(s))
}

// Options returns how the database of an input is reached.
func Options(s config.Settings) fleet.Options {
	o := fleet.Options{URL: s.Database}
	if s.DatabasePassword.IsSet() {
		o.Password = s.DatabasePassword.Reveal
	}
	return o
}

// Shown returns the address of a database without what may be secret: the user and the parameters.
func Shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the database"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if shown.Host == "" {
		shown.Host = u.Query().Get("host")
	}
	text, err := url.PathUnescape(shown.String())
	if err != nil {
		text = shown.String()
	}
	return terminal.Plain(text)
}
