package record

import (
	"fmt"
	"strings"
)

// Format is how events look.
type Format struct {
	Schema      string // one of [Schemas]
	OCSFVersion string // one of [OCSFVersions] for the schema `ocsf`; empty: the newest
	IncludeRaw  bool   // whether the other schemas also carry the record as it was sent, as text
}

// Schemas are the names of the schemas, raw first.
func Schemas() []string {
	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.name
	}
	return names
}

// schemas are in packages of their own. Only one of them has versions.
var schemas = [...]struct {
	name  string
	write func(version string) (Schema, error)
}{
	{"raw", always(writeRaw)}, {"ecs", always(writeECS)}, {"ocsf", newOCSF}, {"asim", always(writeASIM)}, {"cim", always(writeCIM)},
}

// always is a schema without versions, whatever version is asked for.
func always(s Schema) func(string) (Schema, error) {
	return func(string) (Schema, error) { return s, nil }
}

// Encoder returns an encoder for the records of site.
func EncoderFor(format Format, site Site) (*Encoder, error) {
	for _, s := range schemas {
		if s.name == format.Schema {
			write, err := s.write(format.OCSFVersion)
			if err != nil {
				return nil, err
			}
			return NewEncoder(site, write, format.IncludeRaw), nil
		}
	}
	return nil, fmt.Errorf("choose schema %q: there is no such schema, use one of %s", format.Schema, strings.Join(Schemas(), ", "))
}
