/*
 * Two lists side by side: which elements of the one are those of the other.
 *
 * What both begin and end with is cut off; the rest is the textbook's table of
 * lengths, length[i][j] being that of what follows old[i] and new[j].
 */

#include "crm_cli_align.h"

#include <stdlib.h>


/* Of the table: two megabytes, a moment. */
#define ALIGN_MAX_CELLS  (1024 * 1024)

typedef struct {
    size_t             first;       /* elements that both begin with */
    size_t             old;         /* rows and columns behind them */
    size_t             now;
    crm_cli_align_pt   same;
    const void        *data;
    uint16_t          *length;      /* (old + 1) x (now + 1) */
} table_t;


static void table_fill(table_t *t);
static void table_walk(const table_t *t, size_t *match);
static uint16_t *table_cell(const table_t *t, size_t i, size_t j);
static int table_same(const table_t *t, size_t i, size_t j);


crm_status_t
crm_cli_align(size_t *match, size_t n_old, size_t n_new,
    crm_cli_align_pt same, const void *data)
{
    size_t   j, first;
    table_t  t;

    for (j = 0; j < n_new; j++) {
        match[j] = CRM_CLI_ALIGN_NONE;
    }

    first = 0;

    while (first < n_old && first < n_new && same(data, first, first)) {
        match[first] = first;
        first++;
    }

    while (n_old > first && n_new > first && same(data, n_old - 1, n_new - 1))
    {
        match[--n_new] = --n_old;
    }

    t.first = first;
    t.old = n_old - first;
    t.now = n_new - first;
    t.same = same;
    t.data = data;

    if (t.old == 0 || t.now == 0
        || t.now + 1 > ALIGN_MAX_CELLS / (t.old + 1))
    {
        return CRM_OK;
    }

    t.length = calloc((t.old + 1) * (t.now + 1), sizeof(uint16_t));
    if (t.length == NULL) {
        return CRM_ENOMEM;
    }

    table_fill(&t);
    table_walk(&t, match);
    free(t.length);

    return CRM_OK;
}


static void
table_fill(table_t *t)
{
    size_t    i, j;
    uint16_t  below, right;

    for (i = t->old; i-- > 0; /* void */ ) {
        for (j = t->now; j-- > 0; /* void */ ) {

            if (table_same(t, i, j)) {
                *table_cell(t, i, j) =
                    (uint16_t) (*table_cell(t, i + 1, j + 1) + 1);
                continue;
            }

            below = *table_cell(t, i + 1, j);
            right = *table_cell(t, i, j + 1);
            *table_cell(t, i, j) = below > right ? below : right;
        }
    }
}


static void
table_walk(const table_t *t, size_t *match)
{
    size_t  i, j;

    i = 0;
    j = 0;

    while (i < t->old && j < t->now) {
        if (table_same(t, i, j)) {
            match[t->first + j] = t->first + i;
            i++;
            j++;

        } else if (*table_cell(t, i + 1, j) >= *table_cell(t, i, j + 1)) {
            i++;

        } else {
            j++;
        }
    }
}


static uint16_t *
table_cell(const table_t *t, size_t i, size_t j)
{
    return &t->length[i * (t->now + 1) + j];
}


static int
table_same(const table_t *t, size_t i, size_t j)
{
    return t->same(t->data, t->first + i, t->first + j);
}
