package main

import (
	"math/rand/v2"
	"slices"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// skies are the sets of temporary faults of the API.
var skies = []struct {
	name   string
	faults []simulate.Fault
}{
	{"clear", nil},
	{"clear again", nil},
	{"500", []simulate.Fault{{Kind: simulate.FaultServerError, Share: 0.15}}},
	{"502", []simulate.Fault{{Kind: simulate.FaultBadGateway, Share: 0.15}}},
	{"503", []simulate.Fault{{Kind: simulate.FaultUnavailable, Value: "1", Share: 0.2}}},
	{"429", []simulate.Fault{{Kind: simulate.FaultRateLimit, Value: "1", Share: 0.2}}},
	{"429 bare", []simulate.Fault{{Kind: simulate.FaultRateLimitBare, Share: 0.2}}},
	{"cut bodies", []simulate.Fault{{Kind: simulate.FaultCut, Share: 0.15}}},
	{"resets", []simulate.Fault{{Kind: simulate.FaultReset, Share: 0.15}}},
	{"slow", []simulate.Fault{{Kind: simulate.FaultSlow, Value: "1s", Share: 0.15}}},
	{"moving pages", []simulate.Fault{{Kind: simulate.FaultInsert, Share: 0.1}, {Kind: simulate.FaultPageCap, Value: "250"}}},
	{"bare next, gzip", []simulate.Fault{{Kind: simulate.FaultNextBare}, {Kind: simulate.FaultGzip}}},
	{"API down", []simulate.Fault{{Kind: simulate.FaultReset, Path: "/"}}},
}

// cursors are the faults of an organization's cursors, which come beside those of the sky.
var cursors = [][]simulate.Fault{
	nil,
	{{Kind: simulate.FaultEndNull}},
	{{Kind: simulate.FaultCursorExpired, Share: 0.2}},
	{{Kind: simulate.FaultCursorStuck, Share: 0.3}, {Kind: simulate.FaultEndNull}},
	{{Kind: simulate.FaultRepeat, Value: "50"}, {Kind: simulate.FaultFilterTime}},
	{{Kind: simulate.FaultCursorExpired, Value: "404", Share: 0.2}, {Kind: simulate.FaultFilterTime}, {Kind: simulate.FaultLimitRefused}},
	{{Kind: simulate.FaultNextNone, Path: "/events-stream"}},
	{{Kind: simulate.FaultNextAbsolute, Path: "/events-stream"}, {Kind: simulate.FaultEndSame}},
}

// change chooses new faults for the API and a new mood for the receiver, which mostly takes. It
// returns their name.
func (b *bench) change(chance *rand.Rand) string {
	sky := skies[chance.IntN(len(skies))]
	mood, name := rig.Takes, ""
	if chance.IntN(4) == 0 {
		n := chance.IntN(3)
		mood = []rig.Mood{rig.Refuses, rig.Hangs, rig.Away}[n]
		name = []string{", receiver refuses", ", receiver hangs", ", receiver away"}[n]
	}
	faults := sky.faults
	if slices.Contains(b.products(), simulate.Organization) {
		faults = slices.Concat(faults, cursors[chance.IntN(len(cursors))])
	}
	b.set(mood, faults...)
	return sky.name + name
}

// heal removes all faults.
func (b *bench) heal() { b.set(rig.Takes) }

func (b *bench) set(m rig.Mood, faults ...simulate.Fault) {
	b.mood = m
	b.receiver.Be(m)
	for _, log := range b.logs {
		if err := log.SetFaults(faults...); err != nil {
			panic(err) // a mistake in the table above
		}
	}
}
