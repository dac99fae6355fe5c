// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of one module, with the bus rules of CMIS: a byte pointer that
 * wraps in its half, a bank that takes effect with the page, page 00h in place
 * of a page that is not there. Nothing but the select bytes can be written;
 * other writes are counted as stray ones, and lost.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "hilbus.h"

#define BANK_SELECT 126
#define PAGE_SELECT 127
/* Byte 2, bit 7 of CMIS and bit 2 of SFF-8636: no pages. */
#define IDENTIFIER 0
#define STATUS 2
#define SFP 0x03

static unsigned long key(unsigned int device, u8 bank, u8 page)
{
	return device << 16 | bank << 8 | page;
}

static unsigned long lower_key(unsigned int device)
{
	return BIT(24) | device;
}

/* The byte that an offset shows in a page; all ones where nothing is. */
static u8 look(struct cage *cage, unsigned int device, u8 bank, u8 page, u8 offset)
{
	u8 *sheet;

	if (offset < SHEET)
		sheet = xa_load(&cage->sheets, lower_key(device));
	else
		sheet = xa_load(&cage->sheets, key(device, bank, page));
	return sheet ? sheet[offset % SHEET] : 0xff;
}

/* Selects a page of the bank that byte 126 names; see above. */
static void choose(struct cage *cage, unsigned int device, u8 page)
{
	u8 *lower = xa_load(&cage->sheets, lower_key(device));
	u8 bank = device ? 0 : cage->bank;

	/* Pages below 10h are the same in all banks. */
	if (page < 0x10)
		bank = 0;
	if (!xa_load(&cage->sheets, key(device, bank, page)))
		page = 0;
	cage->page = page;
	if (lower) {
		lower[PAGE_SELECT] = page;
		if (!device && lower[IDENTIFIER] != SFP)
			lower[BANK_SELECT] = cage->bank;
	}
}

static void store(struct cage *cage, unsigned int device, u8 offset, u8 byte)
{
	bool sfp = look(cage, 0, 0, 0, IDENTIFIER) == SFP;

	if (offset == PAGE_SELECT && device == sfp)
		choose(cage, device, byte);
	else if (offset == BANK_SELECT && !sfp)
		cage->bank = byte;
	else
		cage->stray_writes++;
}

static u8 next(u8 offset)
{
	return (offset & 0x80) | ((offset + 1) & 0x7f);
}

static u8 fetch(struct cage *cage, unsigned int device, u8 offset)
{
	bool sfp = look(cage, 0, 0, 0, IDENTIFIER) == SFP;
	u8 page = device == sfp ? cage->page : 0;
	u8 bank = device || page < 0x10 ? 0 : cage->bank;

	return look(cage, device, bank, page, offset);
}

static int run(struct cage *cage, struct i2c_msg *msg)
{
	unsigned int device = msg->addr - MODULE_ADDRESS;
	u8 *pointer;
	int i;

	if (!cage->present || device >= DEVICES || !xa_load(&cage->sheets, lower_key(device)))
		return -ENXIO;
	pointer = &cage->pointer[device];
	for (i = 0; i < msg->len; i++) {
		if (msg->flags & I2C_M_RD) {
			msg->buf[i] = fetch(cage, device, *pointer);
		} else if (i == 0) {
			*pointer = msg->buf[0];
			continue;
		} else {
			store(cage, device, *pointer, msg->buf[i]);
		}
		*pointer = next(*pointer);
	}
	return 0;
}

/* Lets happen what debugfs asked for. */
static int strike(struct cage *cage, int timeout)
{
	u32 delay = READ_ONCE(cage->delay_us);
	bool late = usecs_to_jiffies(delay) > timeout;
	u32 every = READ_ONCE(cage->fail_every);

	wait_event(cage->woken, !READ_ONCE(cage->hang));
	if (late)
		delay = jiffies_to_usecs(timeout);
	if (delay)
		fsleep(delay);
	if (late)
		return -ETIMEDOUT;
	if (cage->fail_next) {
		cage->fail_next--;
		return -(int)cage->fail_errno;
	}
	if (every && cage->transfers % every == 0)
		return -(int)cage->fail_errno;
	return 0;
}

int cage_transfer(struct cage *cage, struct i2c_msg *msgs, int count, int timeout)
{
	int i, error;

	/* The adapter's own lock is held: one transfer at a time. */
	cage->transfers++;
	error = strike(cage, timeout);
	mutex_lock(&cage->lock);
	for (i = 0; !error && i < count; i++)
		error = run(cage, &msgs[i]);
	mutex_unlock(&cage->lock);
	return error ? error : count;
}

int cage_peek(struct cage *cage, u16 address, u8 bank, u8 page, u32 offset, u32 length, u8 *data)
{
	unsigned int device = address - MODULE_ADDRESS;
	int error = 0;
	u32 i;

	if (!READ_ONCE(cage->present) || device >= DEVICES || offset + length > 2 * SHEET)
		return -ENXIO;
	mutex_lock(&cage->lock);
	if (page < 0x10)
		bank = 0;
	if (!xa_load(&cage->sheets, lower_key(device)))
		error = -ENXIO;
	/* As the module would: page 00h for what is not there. */
	else if (!xa_load(&cage->sheets, key(device, bank, page)))
		page = bank = 0;
	for (i = 0; !error && i < length; i++)
		data[i] = look(cage, device, bank, page, offset + i);
	mutex_unlock(&cage->lock);
	return error;
}

static void clear(struct cage *cage)
{
	unsigned long index;
	u8 *sheet;

	xa_for_each(&cage->sheets, index, sheet)
		kfree(sheet);
	xa_destroy(&cage->sheets);
	memset(cage->pointer, 0, sizeof(cage->pointer));
	cage->bank = cage->page = 0;
}

/* Puts a sheet there, in place of what was. */
static int put(struct cage *cage, unsigned long place, const char *digits)
{
	u8 *sheet = kmalloc(SHEET, GFP_KERNEL);
	void *old;

	if (!sheet)
		return -ENOMEM;
	if (strlen(digits) != 2 * SHEET || hex2bin(sheet, digits, SHEET)) {
		kfree(sheet);
		return -EINVAL;
	}
	old = xa_store(&cage->sheets, place, sheet, GFP_KERNEL);
	if (xa_is_err(old)) {
		kfree(sheet);
		return xa_err(old);
	}
	kfree(old);
	return 0;
}

/*
 * One write is one line, numbers in hexadecimal:
 *   clear                       the module has no memory
 *   ADDRESS lower BYTES         128 bytes
 *   ADDRESS BANK PAGE BYTES
 */
static ssize_t load_write(struct file *file, const char __user *from, size_t length, loff_t *at)
{
	struct cage *cage = file->private_data;
	char digits[2 * SHEET + 1] = "";
	unsigned int address, bank, page;
	unsigned long place;
	char *line;
	int error = 0;

	if (length > 512)
		return -E2BIG;
	line = memdup_user_nul(from, length);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&cage->lock);
	if (!strcmp(strim(line), "clear")) {
		clear(cage);
	} else {
		if (sscanf(line, "%x lower %256s", &address, digits) == 2)
			place = lower_key(address - MODULE_ADDRESS);
		else if (sscanf(line, "%x %x %x %256s", &address, &bank, &page, digits) == 4)
			place = key(address - MODULE_ADDRESS, bank, page);
		else
			error = -EINVAL;
		if (!error && (address < MODULE_ADDRESS || address >= MODULE_ADDRESS + DEVICES))
			error = -EINVAL;
		if (!error)
			error = put(cage, place, digits);
	}
	mutex_unlock(&cage->lock);
	kfree(line);
	return error ? error : length;
}

static const struct file_operations load_ops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = load_write,
	.llseek = noop_llseek,
};

static int hang_get(void *data, u64 *value)
{
	*value = ((struct cage *)data)->hang;
	return 0;
}

static int hang_set(void *data, u64 value)
{
	struct cage *cage = data;

	WRITE_ONCE(cage->hang, value);
	wake_up_all(&cage->woken);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(hang_ops, hang_get, hang_set, "%llu\n");

static void add_fec_files(struct cage *cage)
{
	static const char *const kinds[FEC_KINDS] = {
		"corrected_blocks", "uncorrectable_blocks", "corrected_bits"
	};
	char name[32];
	int kind, lane;

	for (kind = 0; kind < FEC_KINDS; kind++) {
		debugfs_create_u64(kinds[kind], 0600, cage->folder, &cage->fec[kind][0]);
		for (lane = 0; lane < FEC_LANES; lane++) {
			snprintf(name, sizeof(name), "%s.%d", kinds[kind], lane);
			debugfs_create_u64(name, 0600, cage->folder, &cage->fec[kind][1 + lane]);
		}
	}
}

int cage_init(struct cage *cage, struct dentry *parent, unsigned int number)
{
	struct dentry *folder;
	char name[16];

	mutex_init(&cage->lock);
	xa_init(&cage->sheets);
	init_waitqueue_head(&cage->woken);
	cage->fail_errno = ENXIO;
	cage->speed = 800000;
	/* All ones: this count is not told. */
	memset(cage->fec, 0xff, sizeof(cage->fec));
	snprintf(name, sizeof(name), "%u", number);
	folder = debugfs_create_dir(name, parent);
	if (IS_ERR(folder))
		return PTR_ERR(folder);
	cage->folder = folder;
	debugfs_create_file("load", 0200, folder, cage, &load_ops);
	debugfs_create_bool("present", 0600, folder, &cage->present);
	debugfs_create_u32("fail_errno", 0600, folder, &cage->fail_errno);
	debugfs_create_u32("fail_next", 0600, folder, &cage->fail_next);
	debugfs_create_u32("fail_every", 0600, folder, &cage->fail_every);
	debugfs_create_u32("delay_us", 0600, folder, &cage->delay_us);
	debugfs_create_file_unsafe("hang", 0600, folder, cage, &hang_ops);
	debugfs_create_u32("transfers", 0400, folder, &cage->transfers);
	debugfs_create_u32("stray_writes", 0400, folder, &cage->stray_writes);
	debugfs_create_u8("page", 0400, folder, &cage->page);
	debugfs_create_u8("bank", 0400, folder, &cage->bank);
	debugfs_create_u32("adapter", 0400, folder, &cage->adapter);
	debugfs_create_u32("speed", 0600, folder, &cage->speed);
	add_fec_files(cage);
	return 0;
}

void cage_release(struct cage *cage)
{
	hang_set(cage, false);
}

void cage_exit(struct cage *cage)
{
	clear(cage);
}
