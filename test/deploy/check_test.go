package deploy

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// The Job sees what the pod of the Deployment sees, apart from its state, and takes nothing from it.
func TestCheckJob(t *testing.T) {
	t.Parallel()
	o, deployment := manifests(t, "deploy/kubernetes-check"), manifests(t, "deploy/kubernetes")
	if len(o.jobs) != 1 || len(o.claims) != 0 || o.deployment.Name != "" || len(o.configs) != len(deployment.configs) {
		t.Fatalf("%d jobs, %d volumes, deployment %q, %d config maps", len(o.jobs), len(o.claims), o.deployment.Name, len(o.configs))
	}
	for i, c := range o.configs {
		if c.Name == deployment.configs[i].Name || !reflect.DeepEqual(c.Data, deployment.configs[i].Data) {
			t.Errorf("config map %s: want a name of its own, and what is in %s", c.Name, deployment.configs[i].Name)
		}
	}
	checkJob(t, o.jobs[0], deployment.deployment.Spec.Template.Spec)
}

func checkJob(t *testing.T, job batchv1.Job, deployed corev1.PodSpec) {
	t.Helper()
	pod := job.Spec.Template.Spec
	checkSecurity(t, pod)
	if pod.RestartPolicy != corev1.RestartPolicyNever || *job.Spec.BackoffLimit != 0 {
		t.Errorf("restart %s, %d more tries: want one try", pod.RestartPolicy, *job.Spec.BackoffLimit)
	}
	c, d := pod.Containers[0], deployed.Containers[0]
	for _, arg := range c.Command {
		if strings.HasPrefix(arg, "/") && !slices.Contains(d.Args, arg) {
			t.Errorf("it checks %s, the Deployment runs %q", arg, d.Args)
		}
	}
	for _, m := range c.VolumeMounts {
		if !slices.Contains(d.VolumeMounts, m) {
			t.Errorf("mount %v is not one of the Deployment", m)
		}
	}
	for _, v := range pod.Volumes {
		if v.PersistentVolumeClaim != nil {
			t.Errorf("volume %s: it may be attached to another node", v.Name)
		}
		if v.Secret != nil && !slices.ContainsFunc(deployed.Volumes, func(w corev1.Volume) bool { return reflect.DeepEqual(v, w) }) {
			t.Errorf("secret %s is not one of the Deployment", v.Secret.SecretName)
		}
	}
}
