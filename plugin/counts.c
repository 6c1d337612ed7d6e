/*
 * Reads the host's own metrics of an instance. The functions of its metrics library, cmetrics, are
 * the same from 4.2.3 to 5.1.1 (cmetrics.h, cmt_filter.h, cmt_encode_prometheus.h).
 */
#define _GNU_SOURCE
#include "fluentbit.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Written by host_counts, while the host starts the instances one after another. */
static char *(*metrics_text)(void *, int);
static void (*text_free)(char *);
static void *(*metrics_create)(void);
static void (*metrics_destroy)(void *);
static int (*metrics_filter)(void *, void *, const char *, const char *, void *, void *, int);

/* Whether the host has metrics that can be read. */
int host_counts(void)
{
    metrics_text = (char *(*)(void *, int)) dlsym(RTLD_DEFAULT, "cmt_encode_prometheus_create");
    text_free = (void (*)(char *)) dlsym(RTLD_DEFAULT, "cfl_sds_destroy");
    metrics_create = (void *(*)(void)) dlsym(RTLD_DEFAULT, "cmt_create");
    metrics_destroy = (void (*)(void *)) dlsym(RTLD_DEFAULT, "cmt_destroy");
    metrics_filter = (int (*)(void *, void *, const char *, const char *, void *, void *, int)) dlsym(RTLD_DEFAULT, "cmt_filter");
    return metrics_text != NULL && text_free != NULL;
}

/* The value of a series and, in milliseconds, when the host has set it. */
static double value_of(const char *text, const char *series, int64_t *set)
{
    const char *found = strstr(text, series);
    char *end;
    double value;

    *set = -1;
    if (found != NULL) {
        found = strstr(found, "} ");
    }
    if (found == NULL) {
        return -1;
    }
    value = strtod(found + 2, &end);
    *set = strtoll(end, NULL, 10);
    return value;
}

/* CMT_FILTER_PREFIX */
#define PREFIX (1 << 2)

/* The metrics of the instance as text: those of the host only, if it can leave out the others, which
 * are this plugin's and several times as many: most of the cost is writing. */
static char *host_metrics_text(struct host *h)
{
    void *own;
    char *text = NULL;

    if (metrics_create == NULL || metrics_destroy == NULL || metrics_filter == NULL) {
        return metrics_text(h->metrics, 1);
    }
    own = metrics_create();
    if (own == NULL) {
        return NULL;
    }
    if (metrics_filter(own, h->metrics, "fluentbit_input_", NULL, NULL, NULL, PREFIX) == 0) {
        text = metrics_text(own, 1);
    }
    metrics_destroy(own);
    return text;
}

/* Reads the host's own metrics of the instance: the values of the series and when they were set; -1
 * where there is no such series. */
void host_values(struct host *h, char **series, int n, double *values, int64_t *set)
{
    char *text = h->metrics == NULL ? NULL : host_metrics_text(h);

    while (n-- > 0) {
        values[n] = set[n] = -1;
        if (text != NULL) {
            values[n] = value_of(text, series[n], &set[n]);
        }
    }
    if (text != NULL) {
        text_free(text);
    }
}
