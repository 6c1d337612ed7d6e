package config

import "time"

// checkTimes compares the durations with each other. A default is adapted to a value that was set.
func (p *parser) checkTimes() {
	if !p.given("rescan_window") {
		p.RescanWindow = max(p.RescanWindow, p.Overlap)
	} else if p.RescanWindow < p.Overlap {
		p.mistake("rescan_window %q: want at least overlap, which is %s", p.set["rescan_window"], formatDuration(p.Overlap))
	}
	if !p.given("rescan_interval") {
		p.RescanInterval = max(p.RescanInterval, p.PollInterval)
	} else if p.RescanInterval < p.PollInterval {
		p.mistake("rescan_interval %q: want at least poll_interval, which is %s", p.set["rescan_interval"], formatDuration(p.PollInterval))
	}
	if p.Overlap < time.Minute && !p.OfOrganization() {
		p.warn("overlap %s is short: records that the site shows later than that wait for the deep rescan", formatDuration(p.Overlap))
	}
	if p.StartFrom.soon() {
		p.warn("start_from %s is short: the first run delivers no record that is older; d is for days, h for hours", p.set["start_from"])
	}
	if p.StartFrom.At(p.now).After(p.now) {
		p.warn("start_from %s is in the future: nothing is delivered before", p.set["start_from"])
	}
}
