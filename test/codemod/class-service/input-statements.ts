export const INSERT_ORDER = `
	insert into shop.orders (total)
	values ($1)
	returning *
`;
