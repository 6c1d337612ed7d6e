package detections

import (
	"fmt"
	"slices"
	"testing"

	"github.com/bradleyjkemp/sigma-go"
)

// TestMutations: no value of a rule for ecs, and no selection of one for raw that was written by
// hand, can change without that an attack shows it. No threshold can be a hundred times as high, and
// none can be 1: the ordinary week has what the rules count, but not so much of it.
func TestMutations(t *testing.T) {
	t.Parallel()
	for folder, all := range map[string][]play{"ecs": ecs(), "raw": raw()} {
		weeks := slices.Clone(all)
		weeks = slices.DeleteFunc(weeks, func(p play) bool { return p.attack != week })
		attacks := slices.DeleteFunc(slices.Clone(all), func(p play) bool { return p.attack == week })
		byFile := map[string][]*rule{}
		for _, r := range rulesIn(t, folder) {
			byFile[r.file] = append(byFile[r.file], r)
		}
		for _, rules := range byFile {
			for _, r := range rules {
				for _, search := range r.Detection.Searches {
					if folder == "ecs" {
						mutateEachValue(t, rules, search, attacks)
					} else if r.Related[0].Type == "similar" { // the others are made from the tables
						mutateSearch(t, rules, search, attacks)
					}
				}
				if c := r.Correlation; c != nil && c.Condition.GTE != nil && folder == "ecs" {
					mutateThreshold(t, rules, c.Condition.GTE, attacks, weeks)
				}
			}
		}
	}
}

// found returns how often each of the rules fires in each play.
func found(t *testing.T, rules []*rule, plays []play) (counts string) {
	t.Helper()
	for _, p := range plays {
		fired := run(t, rules, p.events, nil)
		for _, r := range rules {
			counts += fmt.Sprintf("%d ", len(fired[r.Title]))
		}
	}
	return counts
}

func mutateEachValue(t *testing.T, rules []*rule, search sigma.Search, attacks []play) {
	t.Helper()
	// Where the rules are silent, a selection with a value less is silent too.
	attacks = slices.DeleteFunc(slices.Clone(attacks), func(p play) bool { return len(run(t, rules, p.events, nil)) == 0 })
	usual := found(t, rules, attacks)
	for _, m := range search.EventMatchers {
		for _, f := range m {
			for i, value := range f.Values {
				if i > 0 && testing.Short() {
					break
				}
				f.Values[i] = fmt.Sprint(value, "x")
				if found(t, rules, attacks) == usual {
					t.Errorf("%s: nothing notices that %v is another value", rules[0].file, value)
				}
				f.Values[i] = value
			}
		}
	}
}

func mutateSearch(t *testing.T, rules []*rule, search sigma.Search, attacks []play) {
	t.Helper()
	usual := found(t, rules, attacks)
	f := search.EventMatchers[0][0]
	values := slices.Clone(f.Values)
	for i := range f.Values {
		f.Values[i] = "another value"
	}
	if found(t, rules, attacks) == usual {
		t.Errorf("%s: nothing notices that the selection with %s %v has other values", rules[0].file, f.Field, values)
	}
	copy(f.Values, values)
}

func mutateThreshold(t *testing.T, rules []*rule, threshold *int, attacks, weeks []play) {
	t.Helper()
	alerts := func(plays []play) bool {
		return slices.ContainsFunc(plays, func(p play) bool { return len(run(t, rules, p.events, nil).alerts(rules)) > 0 })
	}
	enough := *threshold
	if *threshold = 100 * enough; alerts(attacks) {
		t.Errorf("%s: still fires when it wants %d", rules[0].file, 100*enough)
	}
	if *threshold = 1; !alerts(weeks) {
		t.Errorf("%s: the ordinary week has nothing that it counts", rules[0].file)
	}
	*threshold = enough
}
