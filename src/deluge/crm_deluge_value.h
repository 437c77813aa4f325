/*
 * What a script works with: a value, and the lists and maps that values may
 * stand in.
 *
 * A value is small and copied; texts, lists and maps lie in the pool of the
 * run, whose ceiling is what the script may use. Lists and maps are shared: a
 * second name for one sees what the first one changes, as in the vendor's
 * runtime. They may not come to hold themselves.
 */

#ifndef CRM_DELUGE_VALUE_H
#define CRM_DELUGE_VALUE_H

#include "base/crm_buf.h"
#include "base/crm_zone.h"
#include "crm_deluge_decimal.h"


typedef enum {
    CRM_DELUGE_NULL = 0,
    CRM_DELUGE_BOOLEAN,
    CRM_DELUGE_NUMBER,          /* whole, 64 bits */
    CRM_DELUGE_DECIMAL,
    CRM_DELUGE_TEXT,            /* UTF-8 */
    CRM_DELUGE_DATE,            /* a day: base/crm_date.h */
    CRM_DELUGE_DATETIME,        /* seconds since 1970, UTC */
    CRM_DELUGE_TIME,            /* seconds since midnight */
    CRM_DELUGE_LIST,
    CRM_DELUGE_MAP,
    CRM_DELUGE_COLLECTION,      /* a list or a map, as it is first used */
    CRM_DELUGE_FILE,            /* bytes with a name */
    CRM_DELUGE_TYPES
} crm_deluge_type_t;

/* TEXT, NUMBER ...: as error messages name them. */
const char *crm_deluge_type_name(crm_deluge_type_t type);

typedef struct crm_deluge_list_s  crm_deluge_list_t;
typedef struct crm_deluge_map_s   crm_deluge_map_t;
typedef struct crm_deluge_collection_s  crm_deluge_collection_t;

typedef struct {
    crm_str_t  name;
    crm_str_t  type;            /* text/plain ...; may be empty */
    crm_str_t  bytes;
} crm_deluge_file_t;

typedef struct {
    crm_deluge_type_t          type;
    union {
        int                    boolean;
        long long              number;      /* and DATE, DATETIME, TIME */
        crm_deluge_decimal_t  *decimal;
        crm_str_t              text;
        crm_deluge_list_t     *list;
        crm_deluge_map_t      *map;
        crm_deluge_collection_t  *collection;
        crm_deluge_file_t     *file;
    } u;
} crm_deluge_value_t;

/* What nests deeper is refused: by JSON, by text of a value, by comparison. */
#define CRM_DELUGE_NESTING  64

#define CRM_DELUGE_ITEMS    100000      /* of one list or map */


crm_deluge_value_t crm_deluge_null(void);
crm_deluge_value_t crm_deluge_boolean(int boolean);
crm_deluge_value_t crm_deluge_number(long long number);
crm_deluge_value_t crm_deluge_text(crm_str_t text);
crm_deluge_value_t crm_deluge_moment(crm_deluge_type_t type, long long n);

/* A whole one that fits becomes a NUMBER only if whole is set. CRM_ENOMEM. */
crm_status_t crm_deluge_from_decimal(crm_deluge_value_t *v,
    crm_deluge_decimal_t d, crm_pool_t *pool);

/* Of NUMBER and DECIMAL; CRM_DECLINED for others. */
crm_status_t crm_deluge_to_decimal(crm_deluge_decimal_t *d,
    const crm_deluge_value_t *v);

/* null, "" and a list, map or collection without members. */
int crm_deluge_is_empty(const crm_deluge_value_t *v);

/* Of the same kind and the same content: 1 and 1.0 are equal, "1" and 1 are
 * not. Beyond CRM_DELUGE_NESTING nothing is. */
int crm_deluge_equal(const crm_deluge_value_t *a, const crm_deluge_value_t *b);

/* <0, 0, >0 in *order, or CRM_DECLINED: they have no order. */
crm_status_t crm_deluge_compare(int *order, const crm_deluge_value_t *a,
    const crm_deluge_value_t *b);

/* As info, concatenation and toString() write it; a date-time by the clocks of
 * zone. */
void crm_deluge_write(crm_buf_t *buf, const crm_deluge_value_t *v,
    const crm_zone_t *zone);
/* As JSON: dates as texts, a FILE as {"file.name", "file.type",
 * "file.base64"}. */
void crm_deluge_write_json(crm_buf_t *buf, const crm_deluge_value_t *v,
    const crm_zone_t *zone);

/* That object becomes the FILE that it is. CRM_DECLINED: it is none. */
crm_status_t crm_deluge_file_read(crm_deluge_value_t *v, crm_pool_t *pool);


/* ---- lists ---- */

struct crm_deluge_list_s {
    crm_deluge_value_t  *items;
    size_t               count;
    size_t               cap;
};

crm_deluge_list_t *crm_deluge_list(crm_pool_t *pool);
/* At index (count: behind the last). CRM_ELIMIT, CRM_ENOMEM. */
crm_status_t crm_deluge_list_insert(crm_deluge_list_t *list, size_t index,
    crm_deluge_value_t v, crm_pool_t *pool);
crm_status_t crm_deluge_list_push(crm_deluge_list_t *list,
    crm_deluge_value_t v, crm_pool_t *pool);
void crm_deluge_list_remove(crm_deluge_list_t *list, size_t index);
/* to becomes a list of its own of what from holds. CRM_ENOMEM. */
crm_status_t crm_deluge_list_copy(crm_deluge_list_t *to,
    const crm_deluge_list_t *from, crm_pool_t *pool);
/* CRM_DECLINED: two of the items have no order, and it is as it was. */
crm_status_t crm_deluge_list_sort(crm_deluge_list_t *list, int descending,
    crm_pool_t *pool);


/* ---- maps: in the order in which keys came ---- */

typedef struct {
    crm_str_t            key;
    uint32_t             hash;
    unsigned             gone:1;
    crm_deluge_value_t   value;
} crm_deluge_entry_t;

struct crm_deluge_map_s {
    crm_deluge_entry_t  *entries;   /* those gone among them */
    size_t               used;
    size_t               cap;
    size_t               count;     /* without those gone */
    unsigned             walkers;   /* loops over it: entries keep their
                                       places */
    uint32_t            *table;     /* index + 1, open addressing */
    size_t               mask;
};

crm_deluge_map_t *crm_deluge_map(crm_pool_t *pool);
/* NULL: there is none. */
crm_deluge_value_t *crm_deluge_map_get(const crm_deluge_map_t *map,
    crm_str_t key);
/* key is borrowed. CRM_ELIMIT, CRM_ENOMEM. */
crm_status_t crm_deluge_map_put(crm_deluge_map_t *map, crm_str_t key,
    crm_deluge_value_t v, crm_pool_t *pool);
/* Whether there was one. */
int crm_deluge_map_remove(crm_deluge_map_t *map, crm_str_t key);
/* By keys or by values. CRM_DECLINED: two values have no order. CRM_ENOMEM. */
crm_status_t crm_deluge_map_sort(crm_deluge_map_t *map, int keys,
    int descending, crm_pool_t *pool);
/* The next entry from *at on, which moves behind it; NULL: no more. */
const crm_deluge_entry_t *crm_deluge_map_next(const crm_deluge_map_t *map,
    size_t *at);


/* ---- collections: values by index, or by key ---- */

struct crm_deluge_collection_s {
    crm_deluge_value_t   held;      /* LIST or MAP; NULL: neither yet */
};

/* What v holds if it is a COLLECTION, else v. */
const crm_deluge_value_t *crm_deluge_inside(const crm_deluge_value_t *v);

/* Whether v is container or holds it, at any depth. */
int crm_deluge_holds(const crm_deluge_value_t *v, const void *container);

#endif
