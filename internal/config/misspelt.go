package config

import (
	"fmt"
	"slices"
)

// usual maps the names that other programs have for a setting to our key.
var usual = map[string]string{
	"url": "api_url", "base_url": "api_url", "site": "api_url", "host_url": "api_url",
	"user": "user_identifier", "username": "user_identifier", "email": "user_identifier",
	"token": "api_token", "password": "api_token", "token_file": "api_token_file",
	"key": "api_key", "key_file": "api_key_file", "organization_id": "org_id", "orgid": "org_id",
	"pat": "personal_access_token", "pat_file": "personal_access_token_file",
	"interval": "poll_interval", "interval_sec": "poll_interval", "refresh_interval": "poll_interval",
	"since": "start_from", "start": "start_from", "initial_interval": "start_from", "lookback": "start_from",
	"database": "db", "state_file": "db", "limit": "page_size", "proxy_url": "proxy", "ca_path": "ca_file", "cloudid": "cloud_id",
}

// Misspelt returns a line for each key that is set and is probably a misspelling: it is one
// keystroke away from one of ours, or has the name that other programs use. A plugin cannot list
// the keys of an input, only ask Fluent Bit for the value of one. So Misspelt asks for the likely
// ones.
func Misspelt(get func(key string) string) []string {
	var lines []string
	try := func(name, meant string) {
		if _, ours := lookup(name); !ours && get(name) != "" {
			lines = append(lines, fmt.Sprintf("%s is no key of this plugin: did you mean %s?", name, meant))
		}
	}
	for _, key := range keys {
		oneOff(key.Name, func(name string) { try(name, key.Name) })
	}
	for name, meant := range usual {
		try(name, meant)
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// oneOff calls try with each variant of name that one wrong keystroke makes: one too many, one too
// few, another one, or two exchanged. Some variants come twice. There are some hundreds for each
// key, so they are not collected.
func oneOff(name string, try func(string)) {
	const letters = "abcdefghijklmnopqrstuvwxyz_-"
	for i := range len(name) + 1 {
		before, after := name[:i], name[i:]
		for _, c := range letters {
			try(before + string(c) + after)
			if after != "" {
				try(before + string(c) + after[1:])
			}
		}
		if after != "" {
			try(before + after[1:])
		}
		if len(after) > 1 {
			try(before + after[1:2] + after[:1] + after[2:])
		}
	}
}
