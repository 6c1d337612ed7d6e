package input

import (
	"cmp"
	"fmt"
	"slices"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/site"
)

// Settings returns the settings of the input. A value in values that is not empty replaces the
// input's own.
func (in Input) Settings(values map[string]string) (config.Settings, error) {
	return config.Parse(func(key string) string {
		return cmp.Or(values[key], in.Get(key))
	})
}

// keysOfState are the keys that say which state file an input has, and whose it is.
var keysOfState = []string{"product", "api_url", "org_id", "db"}

// UnsetOfState returns a key that names the state, and whose value holds a variable that is not set
// here; "" if there is none.
func (in Input) UnsetOfState() string {
	i := slices.IndexFunc(keysOfState, in.IsUnset)
	if i < 0 {
		return ""
	}
	return keysOfState[i]
}

// State returns the settings of an input, which name its state, and whose state that is. It reads no
// credential of the site.
func (in Input) State() (settings config.Settings, of site.Site, err error) {
	if key := in.UnsetOfState(); key != "" {
		return settings, of, fmt.Errorf("%s: %s holds a variable that is not set here: set it as Fluent Bit has it", in.Name(), key)
	}
	settings, err = in.Offline().Settings(nil)
	if err != nil {
		return settings, of, err
	}
	if settings.OfOrganization() && settings.OrgID == "" {
		return settings, of, fmt.Errorf("%s has no org_id, which names its state: set it, as Fluent Bit's log or confluence-audit check tells it", in.Name())
	}
	client, err := settings.Client()
	if err != nil {
		return settings, of, err
	}
	return settings, client.Site(), nil
}
