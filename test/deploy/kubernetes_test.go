package deploy

import (
	"bytes"
	"path/filepath"
	"reflect"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// objects are what a kustomization makes.
type objects struct {
	deployment appsv1.Deployment
	configs    []corev1.ConfigMap
	claims     []corev1.PersistentVolumeClaim
	budgets    []policyv1.PodDisruptionBudget
	policies   []networkingv1.NetworkPolicy
	jobs       []batchv1.Job
}

// manifests renders a kustomization as kubectl does. An unknown field fails the test.
func manifests(t *testing.T, folder string) (o objects) {
	t.Helper()
	rendered, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(root, folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rendered.Resources() {
		text := []byte(r.MustYaml())
		switch r.GetKind() {
		case "Deployment":
			strict(t, text, &o.deployment)
		case "ConfigMap":
			o.configs = append(o.configs, strictly[corev1.ConfigMap](t, text))
		case "PersistentVolumeClaim":
			o.claims = append(o.claims, strictly[corev1.PersistentVolumeClaim](t, text))
		case "PodDisruptionBudget":
			o.budgets = append(o.budgets, strictly[policyv1.PodDisruptionBudget](t, text))
		case "NetworkPolicy":
			o.policies = append(o.policies, strictly[networkingv1.NetworkPolicy](t, text))
		case "Job":
			o.jobs = append(o.jobs, strictly[batchv1.Job](t, text))
		default:
			t.Errorf("unexpected %s %s", r.GetKind(), r.GetName())
		}
	}
	return o
}

func strictly[T any](t *testing.T, text []byte) (object T) {
	t.Helper()
	strict(t, text, &object)
	return object
}

func strict(t *testing.T, text []byte, into any) {
	t.Helper()
	data, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatal(err)
	}
	// Kubernetes's own decoder: upper and lower case differ.
	unknown, err := json.UnmarshalStrict(data, into)
	for _, err := range append(unknown, err) {
		if err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
	}
}

func TestKustomization(t *testing.T) {
	t.Parallel()
	o := manifests(t, "deploy/kubernetes")
	if len(o.configs) != 2 || len(o.claims) != 1 {
		t.Errorf("%d config maps and %d volumes, want 2 and 1", len(o.configs), len(o.claims))
	}
	checkOnePod(t, o.deployment)
	checkPod(t, o.deployment.Spec.Template.Spec)
}

// Two pods would both read the same audit log.
func checkOnePod(t *testing.T, d appsv1.Deployment) {
	t.Helper()
	if d.Spec.Replicas == nil || *d.Spec.Replicas != 1 || d.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Errorf("replicas %v, strategy %s: want 1 and Recreate", d.Spec.Replicas, d.Spec.Strategy.Type)
	}
	if !reflect.DeepEqual(d.Spec.Selector.MatchLabels, d.Spec.Template.Labels) {
		t.Errorf("selector %v does not find the pod %v", d.Spec.Selector.MatchLabels, d.Spec.Template.Labels)
	}
}

func checkPod(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	checkSecurity(t, pod)
	c := pod.Containers[0]
	if c.LivenessProbe.HTTPGet.Path != "/" || c.ReadinessProbe.HTTPGet.Path != "/api/v1/health" {
		t.Error("an output that gives records up must make the pod unready, not restart it")
	}
}

// checkSecurity checks what every pod must have.
func checkSecurity(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	if s := pod.SecurityContext; s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.FSGroup == nil {
		t.Error("pod: want runAsNonRoot and fsGroup")
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("pod: no token of the cluster is needed")
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
		if v.Secret != nil && *v.Secret.DefaultMode != 0o440 {
			t.Errorf("volume %s: mode %o, want 440", v.Name, *v.Secret.DefaultMode)
		}
	}
	for _, c := range append(pod.InitContainers, pod.Containers...) {
		s := c.SecurityContext
		if s == nil || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || len(s.Capabilities.Drop) != 1 {
			t.Errorf("container %s: want a read-only root and no privileges", c.Name)
		}
		if c.Resources.Requests.Memory().IsZero() || c.Resources.Limits.Memory().IsZero() {
			t.Errorf("container %s: want memory requested and limited", c.Name)
		}
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				t.Errorf("container %s: there is no volume %s", c.Name, m.Name)
			}
		}
	}
}

// values are those of the chart's values that are used in the pod, with the types of the pod.
type values struct {
	Kind            string                      `json:"kind"`
	ReplicaCount    int32                       `json:"replicaCount"`
	UpdateStrategy  appsv1.DeploymentStrategy   `json:"updateStrategy"`
	Affinity        *corev1.Affinity            `json:"affinity"`
	InitContainers  []corev1.Container          `json:"initContainers"`
	Args            []string                    `json:"args"`
	Env             []corev1.EnvVar             `json:"env"`
	ExtraVolumes    []corev1.Volume             `json:"extraVolumes"`
	ExtraMounts     []corev1.VolumeMount        `json:"extraVolumeMounts"`
	LivenessProbe   *corev1.Probe               `json:"livenessProbe"`
	ReadinessProbe  *corev1.Probe               `json:"readinessProbe"`
	Resources       corev1.ResourceRequirements `json:"resources"`
	PodSecurity     *corev1.PodSecurityContext  `json:"podSecurityContext"`
	SecurityContext *corev1.SecurityContext     `json:"securityContext"`
	ServiceAccount  struct {
		Automount *bool `json:"automountServiceAccountToken"`
	} `json:"serviceAccount"`

	// Values that only the chart uses.
	NameOverride     string `json:"nameOverride"`
	FullnameOverride string `json:"fullnameOverride"`
	Image            struct {
		Tag string `json:"tag"`
	} `json:"image"`
	RBAC struct {
		Create bool `json:"create"`
	} `json:"rbac"`
	TestFramework struct {
		Enabled bool `json:"enabled"`
	} `json:"testFramework"`
	Config map[string]string `json:"config"`
}

func TestHelmValues(t *testing.T) {
	t.Parallel()
	var v values
	strict(t, read(t, "deploy/helm/values.yaml"), &v)
	if v.Kind != "Deployment" || v.ReplicaCount != 1 || v.UpdateStrategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Errorf("%s of %d, %s: want a Deployment of 1, Recreate", v.Kind, v.ReplicaCount, v.UpdateStrategy.Type)
	}
	checkPod(t, v.pod())
}

// pod returns the pod that the chart makes.
func (v values) pod() corev1.PodSpec {
	return corev1.PodSpec{
		AutomountServiceAccountToken: v.ServiceAccount.Automount,
		Affinity:                     v.Affinity,
		SecurityContext:              v.PodSecurity,
		InitContainers:               v.InitContainers,
		Volumes:                      v.ExtraVolumes,
		Containers: []corev1.Container{{
			Name: "fluent-bit", Args: v.Args, Env: v.Env, Resources: v.Resources, SecurityContext: v.SecurityContext,
			VolumeMounts: v.ExtraMounts, LivenessProbe: v.LivenessProbe, ReadinessProbe: v.ReadinessProbe,
		}},
	}
}

// collector has the parts of fluent-operator's Collector with Kubernetes's own types.
type collector struct {
	Spec struct {
		Replicas      *int32                        `json:"replicas"`
		Resources     corev1.ResourceRequirements   `json:"resources"`
		Volumes       []corev1.Volume               `json:"volumes"`
		VolumesMounts []corev1.VolumeMount          `json:"volumesMounts"`
		Security      *corev1.PodSecurityContext    `json:"securityContext"`
		Claim         *corev1.PersistentVolumeClaim `json:"pvc"`
	} `json:"spec"`
}

func TestFluentOperator(t *testing.T) {
	t.Parallel()
	first, _, _ := bytes.Cut(read(t, "deploy/fluent-operator/collector.yaml"), []byte("\n---\n"))
	var c collector
	if err := yaml.Unmarshal(first, &c); err != nil {
		t.Fatal(err)
	}
	if c.Spec.Replicas == nil || *c.Spec.Replicas != 1 || !*c.Spec.Security.RunAsNonRoot || c.Spec.Volumes[0].Image.Reference == "" {
		t.Errorf("collector: %+v", c.Spec)
	}
}

// All resource limits come from one measurement, so they are the same.
func TestResourcesAreTheSame(t *testing.T) {
	t.Parallel()
	want := manifests(t, "deploy/kubernetes").deployment.Spec.Template.Spec.Containers[0].Resources
	var v values
	strict(t, read(t, "deploy/helm/values.yaml"), &v)
	if !reflect.DeepEqual(v.Resources, want) {
		t.Errorf("Helm values have %v, the manifests %v", v.Resources, want)
	}
	first, _, _ := bytes.Cut(read(t, "deploy/fluent-operator/collector.yaml"), []byte("\n---\n"))
	var c collector
	if err := yaml.Unmarshal(first, &c); err != nil || !reflect.DeepEqual(c.Spec.Resources, want) {
		t.Errorf("the collector has %v (%v), the manifests %v", c.Spec.Resources, err, want)
	}
}
