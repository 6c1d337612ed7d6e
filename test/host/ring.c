/* The buffer between an input's thread and the engine: append_to_ring_buffer of
 * src/flb_input_chunk.c. */
#include "host.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOTS = 1024, TRIES = 10, WAIT_US = 100000 };

void ring_init(struct ring *ring, long refuse) {
    pthread_mutex_init(&ring->lock, NULL);
    ring->last = &ring->first;
    atomic_store(&ring->refuse, refuse);
}

static bool try_push(struct ring *ring, struct append *append) {
    pthread_mutex_lock(&ring->lock);
    bool room = ring->count < SLOTS;
    if (room) {
        *ring->last = append;
        ring->last = &append->next;
        ring->count++;
    }
    pthread_mutex_unlock(&ring->lock);
    return room;
}

/* A refusal takes 1.0 s, as with a full ring: the plugin can see only that delay. */
bool ring_push(struct ring *ring, const void *data, size_t size) {
    struct append *append = allocate(sizeof *append);
    bool refuse = atomic_load(&ring->refuse) > 0;
    append->data = memcpy(allocate(size), data, size);
    append->size = size;
    for (int i = 0; i < TRIES; i++) {
        if (!refuse && try_push(ring, append))
            return true;
        usleep(WAIT_US);
    }
    if (refuse)
        atomic_fetch_sub(&ring->refuse, 1);
    free(append->data);
    free(append);
    return false;
}

struct append *ring_pop(struct ring *ring) {
    pthread_mutex_lock(&ring->lock);
    struct append *append = ring->first;
    if (append != NULL) {
        if ((ring->first = append->next) == NULL)
            ring->last = &ring->first;
        ring->count--;
    }
    pthread_mutex_unlock(&ring->lock);
    return append;
}
