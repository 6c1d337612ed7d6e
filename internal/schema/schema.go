// Package schema makes the encoder of the schema that the operator has chosen.
package schema

import (
	"fmt"
	"strings"

	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/event/asim"
	"fluent-bit-confluence/internal/event/cim"
	"fluent-bit-confluence/internal/event/ecs"
	"fluent-bit-confluence/internal/event/ocsf"
)

// Format is the form of the events.
type Format struct {
	Schema      string // one of [Names]
	OCSFVersion string // one of [ocsf.Versions] for the schema `ocsf`; empty: the newest
	IncludeRaw  bool   // whether all schemas but raw also have the record as it was sent, as text
}

// Names returns the names of the schemas, raw first.
func Names() []string {
	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.name
	}
	return names
}

// schemas is the list of schemas. Only one has versions.
var schemas = [...]struct {
	name  string
	write func(version string) (event.Schema, error)
}{
	{"raw", always(event.WriteRaw)}, {"ecs", always(ecs.Write)}, {"ocsf", ocsf.New}, {"asim", always(asim.Write)}, {"cim", always(cim.Write)},
}

// always returns a schema without versions. It ignores the version.
func always(s event.Schema) func(string) (event.Schema, error) {
	return func(string) (event.Schema, error) { return s, nil }
}

// Encoder returns an encoder for the records of site.
func Encoder(format Format, site event.Site) (*event.Encoder, error) {
	for _, s := range schemas {
		if s.name == format.Schema {
			write, err := s.write(format.OCSFVersion)
			if err != nil {
				return nil, err
			}
			return event.NewEncoder(site, write, format.IncludeRaw), nil
		}
	}
	return nil, fmt.Errorf("choose schema %q: there is no such schema, use one of %s", format.Schema, strings.Join(Names(), ", "))
}
