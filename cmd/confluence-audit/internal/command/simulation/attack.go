package simulation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/terminal"
)

// noAttack plays the ordinary work alone.
const noAttack = "none"

// ordinaryRate is the number of new records per second of a site at work: 1,700 a day. With more,
// detections that count find many of what is ordinary.
const ordinaryRate = 0.02

// listAttacks explains each attack, with the logs that record it if not all do.
func listAttacks(s terminal.Screen) {
	for _, a := range simulate.Attacks() {
		name := fmt.Sprintf("%-14s", a.Name)
		text := a.Text
		if logs := logsOf(a); len(logs) < 4 {
			text += " (" + strings.Join(logs, ", ") + ")"
		}
		s.Hang(s.Paint(terminal.Cyan, name), len(name), text)
	}
}

// logsOf returns the logs that record an attack, such as "Jira datacenter".
func logsOf(a simulate.Attack) (logs []string) {
	for _, product := range []string{simulate.Confluence, simulate.Jira, simulate.Organization} {
		for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
			if a.RecordedBy(product, deployment) {
				logs = append(logs, Log{Options: simulate.Options{Product: product}}.title()+" "+deployment)
			}
		}
	}
	return logs
}

// recordsAttack returns whether the product records the attack of its options, if there is one.
func recordsAttack(o simulate.Options) bool {
	return o.Attack == "" || slices.ContainsFunc(simulate.Attacks(), func(a simulate.Attack) bool {
		return a.Name == o.Attack && a.RecordedBy(o.Product, o.Deployment)
	})
}

func checkAttack(o simulate.Options) error {
	for _, a := range simulate.Attacks() {
		if a.Name != o.Attack {
			continue
		}
		products := []string{o.Product}
		if o.Product == bothProducts || o.Product == allLogs {
			products = []string{simulate.Confluence, simulate.Jira}
		}
		if o.Product == allLogs {
			products = append(products, simulate.Organization)
		}
		if slices.ContainsFunc(products, func(product string) bool { return a.RecordedBy(product, o.Deployment) }) {
			return nil
		}
		return cli.UsageError("--attack %s: this log does not record it, these do: %s", a.Name, strings.Join(logsOf(a), ", "))
	}
	if o.Attack != "" {
		return cli.UsageError("--attack %q: there is no such attack, --attack list explains all", o.Attack)
	}
	return nil
}

// completeAttacks completes the name of an attack.
func completeAttacks(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	names := []cobra.Completion{cobra.CompletionWithDesc(noAttack, "ordinary work alone")}
	for _, a := range simulate.Attacks() {
		names = append(names, cobra.CompletionWithDesc(a.Name, a.Text))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
