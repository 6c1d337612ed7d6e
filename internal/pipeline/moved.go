package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/state"
)

// askAtStart bounds how long a site may take to tell its cloud id, or an API key its organization:
// the start of Fluent Bit waits for it.
const askAtStart = 10 * time.Second

// openState opens the state file of an audit log. If the file belongs to another address of the same
// log, which the equal cloud id shows, it is moved to the new address. Without the cloud id the
// input could not start, so the site is asked for it here, before the first poll.
func openState(path string, client config.Client, log logrus.FieldLogger) (*state.File, error) {
	name := client.Site().Log()
	file, err := state.Open(path, name)
	other, ok := errors.AsType[*state.OtherSite](err)
	site, is := client.(*site.Client)
	if !ok || !is || other.CloudID == "" {
		return file, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askAtStart)
	defer cancel()
	id, askErr := site.CloudID(ctx)
	switch {
	case askErr != nil:
		return nil, fmt.Errorf("%w; the site was asked whether it is the same one at another address, and did not tell (%w): start Fluent Bit again when it does", err, askErr)
	case !other.Moved(id):
		return nil, err
	}
	if err := state.Move(path, other.Is, name); err != nil {
		return nil, err
	}
	log.Warn(addressChanged(other.Is, name))
	return state.Open(path, name)
}
