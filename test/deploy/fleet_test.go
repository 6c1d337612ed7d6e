package deploy

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// The overlay changes what several pods need, and nothing else.
func TestFleetKustomization(t *testing.T) {
	t.Parallel()
	single, o := manifests(t, "deploy/kubernetes"), manifests(t, "deploy/kubernetes-fleet")
	if len(o.claims) != 0 || len(o.budgets) != 1 || len(o.policies) != 1 || len(o.configs) != 2 {
		t.Fatalf("%d volumes, %d budgets, %d policies, %d config maps; want 0, 1, 1, 2", len(o.claims), len(o.budgets), len(o.policies), len(o.configs))
	}
	spec := o.deployment.Spec
	checkSeveralPods(t, *spec.Replicas, spec.Strategy, spec.Template.Spec, spec.Template.Labels)

	before, after := single.deployment.Spec.Template.Spec.Containers[0], spec.Template.Spec.Containers[0]
	after.VolumeMounts = slices.DeleteFunc(after.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == "database" })
	after.EnvFrom = before.EnvFrom // the names of config maps have a hash of what is in them
	if !reflect.DeepEqual(before, after) {
		t.Errorf("the container is\n%v\nwant that of the one pod\n%v", after, before)
	}

	budget := o.budgets[0].Spec
	if !finds(budget.Selector, spec.Template.Labels) || budget.MaxUnavailable.IntValue() != 1 {
		t.Errorf("the budget is %v for %v, want 1 of these pods", budget.MaxUnavailable, budget.Selector)
	}
	if budget.UnhealthyPodEvictionPolicy == nil || *budget.UnhealthyPodEvictionPolicy != "AlwaysAllow" {
		t.Error("pods whose destination refuses records block a drain")
	}
}

// What goes out is DNS, HTTPS and the database of the configuration; what comes in are metrics and
// probes.
func TestNetworkPolicy(t *testing.T) {
	t.Parallel()
	o := manifests(t, "deploy/kubernetes-fleet")
	policy, pod := o.policies[0].Spec, o.deployment.Spec.Template
	if !finds(&policy.PodSelector, pod.Labels) || len(policy.PolicyTypes) != 2 {
		t.Errorf("the policy is %v for %v", policy.PolicyTypes, policy.PodSelector)
	}
	if len(policy.Ingress) != 1 || len(policy.Ingress[0].Ports) != 1 || policy.Ingress[0].Ports[0].Port.IntVal != pod.Spec.Containers[0].Ports[0].ContainerPort {
		t.Errorf("what comes in is %v, want the port of the metrics", policy.Ingress)
	}
	database, err := url.Parse(stateDatabase(o.configs))
	if err != nil || database.Port() == "" {
		t.Fatalf("the database is %v: %v", database, err)
	}
	var got []string
	for _, rule := range policy.Egress {
		for _, p := range rule.Ports {
			got = append(got, string(*p.Protocol)+" "+p.Port.String())
		}
	}
	if want := []string{"UDP 53", "TCP 53", "TCP 443", "TCP " + database.Port()}; !slices.Equal(got, want) {
		t.Errorf("what goes out is %q, want %q", got, want)
	}
}

func TestFleetHelmValues(t *testing.T) {
	t.Parallel()
	var v, single values
	strict(t, read(t, "deploy/helm/values.yaml"), &single)
	strict(t, merged(t, "deploy/helm/values.yaml", "deploy/helm/fleet.yaml"), &v)
	// The chart makes this label of the name.
	labels := map[string]string{"app.kubernetes.io/name": v.NameOverride}
	checkSeveralPods(t, v.ReplicaCount, v.UpdateStrategy, v.pod(), labels)
	o := manifests(t, "deploy/kubernetes-fleet")
	if !finds(o.budgets[0].Spec.Selector, labels) || !finds(&o.policies[0].Spec.PodSelector, labels) {
		t.Errorf("budget and policy do not find the pods %v of the chart", labels)
	}
	for _, e := range single.Env {
		if !slices.Contains(v.Env, e) {
			t.Errorf("the variable %s is missing", e.Name)
		}
	}
	if i := slices.IndexFunc(v.Env, func(e corev1.EnvVar) bool { return e.Name == "STATE_DATABASE" }); i < 0 || v.Env[i].Value != stateDatabase(o.configs) {
		t.Error("the database is not that of the manifests")
	}
	if v.Config["outputs"] != single.Config["outputs"] {
		t.Error("the output is not that of values.yaml")
	}
}

func checkSeveralPods(t *testing.T, replicas int32, strategy appsv1.DeploymentStrategy, pod corev1.PodSpec, labels map[string]string) {
	t.Helper()
	checkPod(t, pod)
	if replicas < 2 || strategy.Type != appsv1.RollingUpdateDeploymentStrategyType || strategy.RollingUpdate.MaxSurge.IntValue() != 0 || strategy.RollingUpdate.MaxUnavailable.IntValue() != 1 {
		t.Errorf("%d pods, %v: want 2 or more, and one after the other", replicas, strategy)
	}
	apart := pod.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if len(apart) != 1 || apart[0].TopologyKey != corev1.LabelHostname || !finds(apart[0].LabelSelector, labels) {
		t.Errorf("%v does not keep the pods %v on different nodes", apart, labels)
	}
	for _, v := range pod.Volumes {
		if v.PersistentVolumeClaim != nil {
			t.Errorf("volume %s: the pods would share it", v.Name)
		}
		// The kubelet ends a pod that has more in it, and with the pod the records.
		if v.Name == "state" && (v.EmptyDir == nil || v.EmptyDir.SizeLimit != nil) {
			t.Errorf("volume %s: want an emptyDir without a limit", v.Name)
		}
	}
	if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Secret != nil && v.Secret.SecretName == "state-database" }) {
		t.Error("the pods have no password of the database")
	}
}

func finds(selector *metav1.LabelSelector, labels map[string]string) bool {
	for key, value := range selector.MatchLabels {
		if labels[key] != value {
			return false
		}
	}
	return len(selector.MatchLabels) > 0
}

func stateDatabase(configs []corev1.ConfigMap) string {
	for _, c := range configs {
		if address, ok := c.Data["STATE_DATABASE"]; ok {
			return address
		}
	}
	return ""
}

// merged returns values as Helm merges them: maps by their keys, and of all else the later.
func merged(t *testing.T, files ...string) []byte {
	t.Helper()
	all := map[string]any{}
	for _, file := range files {
		var more map[string]any
		if err := yaml.UnmarshalStrict(read(t, file), &more); err != nil {
			t.Fatal(err)
		}
		merge(all, more)
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func merge(into, more map[string]any) {
	for key, value := range more {
		old, isMap := into[key].(map[string]any)
		added, isToo := value.(map[string]any)
		if isMap && isToo {
			value = maps.Clone(old)
			merge(value.(map[string]any), added)
		}
		into[key] = value
	}
}
