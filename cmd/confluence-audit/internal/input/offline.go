package input

import (
	"fmt"
	"os"
	"strings"

	"fluent-bit-confluence/internal/config"
)

// Offline returns the input for a check on another machine than Fluent Bit's: files that are not
// here and variables that are not set here are replaced by values that pass the checks.
func (in Input) Offline() Input {
	values := make(map[string]string)
	for _, key := range config.Keys() {
		value := in.Get(key.Name)
		missing := key.Kind == "file" && key.Name != "db" && value != "" && isMissing(value)
		if missing && !in.unset[key.Name] {
			in.Warnings = append(in.Warnings, fmt.Sprintf("%s: the file %s is not here, so it is not checked", key.Name, value))
		}
		if !missing && !in.unset[key.Name] {
			values[key.Name] = value
			continue
		}
		if name := strings.TrimSuffix(key.Name, "_file"); values[name] == "" {
			values[name] = placeholders[name]
		}
	}
	in.value = func(key string) string { return values[key] }
	return in
}

// placeholders are those values. Other keys take their default.
var placeholders = map[string]string{
	"api_url":               "https://not-set.example.com",
	"user_identifier":       "not-set@example.com",
	"api_key":               "not-set",
	"api_token":             "not-set",
	"personal_access_token": "not-set",
	"client_id":             "not-set",
	"client_secret":         "not-set",
}

func isMissing(path string) bool {
	_, err := os.Stat(path)
	return err != nil
}
